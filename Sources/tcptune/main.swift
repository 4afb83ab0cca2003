import CommandLine
import Glibc

exit(Tool(World.live()).run().rawValue)
