import Glibc

exit(BenchTool.run(arguments: Array(CommandLine.arguments.dropFirst())))
