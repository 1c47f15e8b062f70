"""A corpus in, web pages out: `cli explore`.

`data` asks the corpus (paging and filters in SQL, a limit of time on every query), `charts` turns rows into Plotly
figures, `app` has the pages, `guard` keeps other sites out, `server` listens on the loopback interface. What a model
wrote reaches a page only through Jinja's escaping, and the pages run no script but their own.
"""
