import CSystem
import Glibc
import SystemCalls

/// `cached-bench floor`: a server that answers and stores nothing.
///
/// It shows what sockets, epoll and the least possible parsing cost by themselves; what a cache
/// needs beyond that is its own.
///
///     main        accepts, hands connections to the workers in turn
///     worker × N  an epoll each, its connections for life
enum FloorCommand {
    static let usage = """
        cached-bench floor --port=N [--threads=N] [--value-size=BYTES]

          A server that stores nothing: every get is a hit. What the kernel and an
          event loop alone cost, for comparison. It speaks get, set, version, stats
          and flush_all; mg, ms and mn; and of the binary protocol get, getk, set,
          their quiet forms, and noop. Anything else ends the connection.

              --port=N            Where to listen, on 127.0.0.1.
              --threads=N         Event loops. [default: 2]
              --value-size=BYTES  What every get is answered with. [default: 32]

        """

    private static let threadsMax = 64
    private static let valueBytesMax = 64 << 20

    /// - Returns: 0 for the usage, 1 if it cannot serve, 2 for wrong options; else it stays.
    static func run(arguments: [String]) -> Int32 {
        var port = 0
        var threads = 2
        var valueBytes = 32
        var words = ArgumentWords(arguments)
        do throws(CompareError) {
            while let name = try words.nextOption() {
                switch name {
                case "--port", "-p": port = try words.number(in: 1...65_535)
                case "--threads", "-t": threads = try words.number(in: 1...threadsMax)
                case "--value-size": valueBytes = try words.number(in: 0...valueBytesMax)
                case "--help", "-h":
                    print(usage, terminator: "")
                    return 0
                default: throw .usage("there is no option \(name)")
                }
            }
            guard port != 0 else { throw .usage("name a port with --port") }
            try serve(port: port, threads: threads, valueBytes: valueBytes)
        } catch {
            return error.report(command: "floor")
        }
        return 0
    }

    private static func serve(
        port: Int, threads: Int, valueBytes: Int
    ) throws(CompareError) {
        do throws(Errno) {
            let socket = try Loopback.listen(port: port)
            let block = FloorValue(bytes: valueBytes)
            var polls: [Int32] = []
            for _ in 0..<threads {
                let epoll = cs_epoll_create()
                guard epoll >= 0 else { throw Errno.last }
                polls.append(epoll)
                _ = try Thread(name: "worker") {
                    var worker = FloorWorker(epoll: epoll, value: block)
                    worker.run()
                }
            }
            accept(from: socket, into: polls)
        } catch {
            throw .failed("cannot serve at port \(port): \(error)")
        }
    }

    /// For ever: the process ends by a signal.
    private static func accept(from socket: borrowing FileDescriptor, into polls: [Int32]) {
        var turn = 0
        while true {
            let connection = cs_accept(socket.number)
            guard connection >= 0 else {
                // Out of descriptors, most likely: others may end meanwhile.
                if !Errno.last.isInterruption { usleep(10_000) }
                continue
            }
            let token = UInt64(UInt32(bitPattern: connection))
            if cs_epoll_add(polls[turn], connection, UInt32(CS_READABLE), token) != 0 {
                close(connection)
            }
            turn = (turn + 1) % polls.count
        }
    }
}
