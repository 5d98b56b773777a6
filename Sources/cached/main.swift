import Glibc

exit(CommandLineTool.run(arguments: Array(CommandLine.arguments.dropFirst())))
