import Testing

@testable import Protocol

/// The commands of operators: a line, and what it means.
@Suite struct OperatorTableTests {
    static let format = CommandTableTests.format

    static let crawler: [(String, String)] = [
        ("lru_crawler metadump all", "metadump [all]"),
        ("lru_crawler metadump 1,2", "metadump [1,2]"),
        ("lru_crawler m hash", "metadump [hash]"),
        ("lru_crawler mg all", "mgdump [all]"),
        ("lru_crawler metadump all prefix=a:", "metadump [all] of [a:]"),
        ("lru_crawler mgdump all prefix=", "mgdump [all] of []"),
        ("lru_crawler metadump all prefix", "ERROR"),
        ("lru_crawler metadump all extra", "ERROR"),
        ("lru_crawler metadump all prefix=a b", "ERROR"),
        ("lru_crawler metadump all noreply", "ERROR quietly"),
        ("lru_crawler metadump all prefix=\(CommandTableTests.longest)x", format),
        ("lru_crawler metadump", "ERROR"), ("lru_crawler metadumps all", "ERROR"),
        ("lru_crawler crawl 1", "crawl [1]"), ("lru_crawler c all", "crawl [all]"),
        ("lru_crawler crawl all prefix=a", "ERROR"), ("lru_crawler crawl", "ERROR"),
        ("lru_crawler enable", "crawler true"), ("lru_crawler d", "crawler false"),
        ("lru_crawler enable noreply", "ERROR quietly"), ("lru_crawler", "ERROR"),
        ("lru_crawler tocrawl 5", "tocrawl 5"), ("lru_crawler tocrawl x", format),
        ("lru_crawler sleep 1000000", "sleep 1000000"), ("lru_crawler sleep -1", format),
        ("lru_crawler sleep 1000001", "CLIENT_ERROR sleep must be one second or less"),
        ("lru_crawler bogus x", "ERROR"), ("LRU_crawler enable", "ERROR"),
    ]

    static let lists: [(String, String)] = [
        ("lru", "ERROR"), ("lru tune", "ERROR"), ("lru tune 10 20 1", "ERROR"),
        ("lru tune 10 20 0.1 2", "tune 10 20 0.1 2.0"),
        ("lru t 0 80 1 1 junk", "tune 0 80 1.0 1.0"),
        ("lru tune 40 41 1 1", "ERROR hot and warm pcts must not exceed 80"),
        ("lru tune 4294967295 4294967295 1 1", "ERROR hot and warm pcts must not exceed 80"),
        ("lru tune 1 1 0 1", "ERROR hot/warm age factors must be greater than 0"),
        ("lru tune 1 1 1 -1", "ERROR hot/warm age factors must be greater than 0"),
        ("lru tune 1 1 nan 1", "ERROR"), ("lru tune 1 1 inf 1", "ERROR"),
        ("lru tune -1 1 1 1", "ERROR"), ("lru tune 1 1 1 x", "ERROR"),
        ("lru mode flat", "mode flat"), ("lru m s", "mode segmented"),
        ("lru mode", "ERROR"), ("lru mode round", "ERROR"),
        ("lru mode flat noreply", "mode flat quietly"),
        ("lru temp_ttl 60", "temp_ttl 60"), ("lru temp_ttl -1", "temp_ttl -1"),
        ("lru temp_ttl x", "ERROR"), ("lru bogus x", "ERROR"),
        ("slabs", "ERROR"), ("slabs reassign", "ERROR"), ("slabs reassign 1 2 3", "ERROR"),
        ("slabs reassign 1 2", "reassign 1 2"), ("slabs r -1 0", "reassign -1 0"),
        ("slabs reassign x 2", format), ("slabs reassign 1 99999999999", format),
        ("slabs automove", "ERROR"), ("slabs automove 1", "automove 1"),
        ("slabs automove 3", "ERROR"), ("slabs automove x", format),
        ("slabs automove ratio 0.5", "ratio 0.5"), ("slabs automove ratio", "ERROR"),
        ("slabs automove freeratio 0.1", "freeratio 0.1"),
        ("slabs automove window 10", "window 10"), ("slabs automove window", format),
        ("slabs automove window 2", "CLIENT_ERROR automove window too low or too high"),
        ("slabs automove noreply", "\(format) quietly"), ("slabs bogus 1", "ERROR"),
    ]

    static let others: [(String, String)] = [
        ("watch", "watch fetchers"), ("watch m", "watch mutations"),
        (
            "watch fetchers mutations evictions connevents deletions",
            "watch fetchers mutations evictions connevents deletions"
        ),
        ("watch rawcmds sysevents", "watch sysevents rawcmds"),
        ("watch fetchers bogus", "watch what is not there"),
        ("watch proxyreqs", "watch what is not there"), ("watch p", "watch what is not there"),
        ("watch FETCHERS", "watch what is not there"),
        ("watch fetchers noreply", "watch what is not there"), ("watching", "ERROR"),
        ("config get cluster", "config get [cluster]"), ("config get x", "config get [x]"),
        ("config get cluster noreply", "ERROR quietly"), ("config", "ERROR"),
        ("config get", "ERROR"), ("config delete cluster", "ERROR"),
        ("config set cluster 0 5", "config set 5"),
        ("config set cluster 0 5 noreply", "config set 5 quietly"),
        ("config set cluster 0 -1", "ERROR"), ("config set cluster 0", "ERROR"),
        ("config set cluster 0 2147483646", "ERROR"), ("config set x 0 5", "ERROR"),
        ("debugtime p", "ERROR"), ("misbehave", "ERROR"), ("debugitem lock a", "ERROR"),
    ]

    @Test(arguments: crawler + lists + others)
    func aLineMeansWhatItShould(line: String, expected: String) {
        #expect(RequestText.of(line) == expected)
    }

    @Test(
        arguments: [
            ("all", .all), ("hash", .hash), ("1", .numbers([1])), ("1,,22,", .numbers([1, 22])),
            (",", .numbers([])), ("x", .malformed), ("1,x", .malformed), ("ALL", .malformed),
            ("-1", .malformed), ("4294967296", .malformed), ("1 ", .malformed),
        ] as [(String, ClassSelection)])
    func classesAreNamed(text: String, expected: ClassSelection) {
        let bytes = Array(text.utf8)
        #expect(ClassSelection(bytes.span) == expected)
    }
}
