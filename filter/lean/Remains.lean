prelude
import Remains.Types
import Remains.Kernel
import Remains.Syntax
import Remains.Bindings
import Remains.Logic
import Remains.Numbers
import Remains.Lists
import Remains.Guard
