internal import LuaBridge
