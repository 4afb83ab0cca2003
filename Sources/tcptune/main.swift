import CommandLine

Tool(World.live()).runToEnd()
