import Facts
import KernelModel
import Support
import Testing

/// A row of the worked numbers: what one listener holds on each era, cookies on and off.
struct QueueRow: Sendable, CustomTestStringConvertible {
  var backlog: Int64
  var somaxconn: Int64
  var table: Int64
  var accept: Int64
  /// Cookies on, cookies off: up to 4.3, 4.4 to 6.12, since 6.13.
  var old: (Int64, Int64)
  var middle: (Int64, Int64)
  var new: (Int64, Int64)
  var testDescription: String { "backlog \(backlog), somaxconn \(somaxconn), table \(table)" }
}

private let rows = [
  QueueRow(
    backlog: 0, somaxconn: 128, table: 1024, accept: 1, old: (16, 16), middle: (0, 0), new: (1, 1)),
  QueueRow(
    backlog: 5, somaxconn: 128, table: 1024, accept: 6, old: (16, 16), middle: (5, 5), new: (6, 6)),
  QueueRow(
    backlog: 8, somaxconn: 128, table: 128, accept: 9, old: (16, 16), middle: (8, 8), new: (9, 9)),
  QueueRow(
    backlog: 128, somaxconn: 128, table: 128, accept: 129, old: (256, 97), middle: (128, 97),
    new: (129, 97)),
  QueueRow(
    backlog: 511, somaxconn: 128, table: 1024, accept: 129, old: (256, 256), middle: (128, 128),
    new: (129, 129)),
  QueueRow(
    backlog: 511, somaxconn: 4096, table: 256, accept: 512, old: (512, 193), middle: (511, 193),
    new: (512, 193)),
  QueueRow(
    backlog: 511, somaxconn: 4096, table: 1024, accept: 512, old: (512, 512), middle: (511, 511),
    new: (512, 512)),
  QueueRow(
    backlog: 1024, somaxconn: 4096, table: 1024, accept: 1025, old: (2048, 769),
    middle: (1024, 769), new: (1025, 769)),
  QueueRow(
    backlog: 4096, somaxconn: 4096, table: 128, accept: 4097, old: (256, 97), middle: (4096, 97),
    new: (4097, 97)),
  QueueRow(
    backlog: 4096, somaxconn: 4096, table: 2048, accept: 4097, old: (4096, 1537),
    middle: (4096, 1537), new: (4097, 1537)),
  QueueRow(
    backlog: 65535, somaxconn: 65535, table: 4096, accept: 65536, old: (8192, 3073),
    middle: (65535, 3073), new: (65536, 3073)),
]

private func release(_ text: String) throws -> KernelRelease { try #require(KernelRelease(text)) }

private func capacity(
  _ row: QueueRow, cookies: Int64, _ text: String
) throws -> (accept: Int64, syn: Int64) {
  let release = try release(text)
  let accept = AcceptQueue(backlog: row.backlog, somaxconn: row.somaxconn, release: release)
  let syn = SynQueue(
    acceptQueue: accept, maxSynBacklog: row.table, syncookies: cookies, release: release)
  return (accept.capacity, syn.capacity)
}

@Test(arguments: rows)
func workedNumbers(_ row: QueueRow) throws {
  // The branches' first and last releases on either side of each change.
  for text in ["3.10.4", "3.19.8", "4.3", "4.3.6"] {
    #expect(try capacity(row, cookies: 1, text) == (row.accept, row.old.0), "\(text)")
    #expect(try capacity(row, cookies: 0, text) == (row.accept, row.old.1), "\(text)")
  }
  for text in [
    "4.4.0", "4.19.13", "5.4.289", "5.10.218", "5.10.233", "5.15.30", "6.1.124", "6.6.9", "6.8.1",
    "6.11.11", "6.12.9",
  ] {
    #expect(try capacity(row, cookies: 1, text) == (row.accept, row.middle.0), "\(text)")
    #expect(try capacity(row, cookies: 0, text) == (row.accept, row.middle.1), "\(text)")
  }
  for text in [
    "5.4.290", "5.10.234", "5.10.262", "5.15.177", "6.1.125", "6.1.192", "6.6.72", "6.12.10",
    "6.12.117", "6.13.0", "6.18.44-fc-v509", "7.3.4", "5.15.0-203-generic", "6.8.0-149-generic",
  ] {
    #expect(try capacity(row, cookies: 1, text) == (row.accept, row.new.0), "\(text)")
    #expect(try capacity(row, cookies: 0, text) == (row.accept, row.new.1), "\(text)")
  }
  #expect(try capacity(row, cookies: 2, "6.18").syn == 0)
  #expect(try capacity(row, cookies: 2, "3.10.4").syn == row.old.0, "2 means 1 before 3.14")
}

/// The documents' own runs: limit 5 holds 6 (Q0, Q1), limit 8 holds 9 and 4 half-open (Q2).
@Test func theDocumentsRuns() throws {
  let old = try release("5.15.30")
  #expect(AcceptQueue(backlog: 5, somaxconn: 4096, release: old).capacity == 6)
  let accept = AcceptQueue(backlog: 8, somaxconn: 8, release: old)
  #expect(accept.capacity == 9)
  let syn = SynQueue(acceptQueue: accept, maxSynBacklog: 4, syncookies: 0, release: old)
  #expect(syn.capacity == 4)
  #expect(syn.binding == .maxSynBacklog)
  #expect(SynQueue.byTheDocuments(acceptLimit: 8, maxSynBacklog: 4) == 4)
}

@Test(arguments: [(0, 1), (1, 2), (2, 3), (3, 4), (-1, 1), (-100, 0)] as [(Int64, Int64)])
func oddTables(_ table: Int64, _ places: Int64) throws {
  for text in ["5.10.218", "6.1.192", "6.12.117", "7.3.4"] {
    let release = try release(text)
    let accept = AcceptQueue(backlog: 128, somaxconn: 128, release: release)
    let syn = SynQueue(
      acceptQueue: accept, maxSynBacklog: table, syncookies: 0, release: release)
    #expect(syn.capacity == places, "\(text)")
  }
}

@Test func backlogsAreComparedUnsigned() throws {
  let new = try release("6.18")
  let all = AcceptQueue(backlog: -1, somaxconn: 4096, release: new)
  #expect(all.limit == 4096)
  #expect(all.binding == .somaxconn)
  let equal = AcceptQueue(backlog: 4096, somaxconn: 4096, release: new)
  #expect(equal.binding == .backlog)
  // 16 bits up to 3.13.
  let old = AcceptQueue(backlog: 65536, somaxconn: 70000, release: try release("3.10.4"))
  #expect(old.limit == 0)
}

struct BindingCase: Sendable, CustomTestStringConvertible {
  var backlog: Int64
  var somaxconn: Int64
  var table: Int64
  var cookies: Int64
  var release: String
  var binding: Binding
  var testDescription: String {
    "\(release): backlog \(backlog), somaxconn \(somaxconn), table \(table), cookies \(cookies)"
  }
}

@Test(arguments: [
  BindingCase(
    backlog: 511, somaxconn: 128, table: 1024, cookies: 1, release: "6.18", binding: .somaxconn),
  BindingCase(
    backlog: 511, somaxconn: 4096, table: 16, cookies: 1, release: "6.18", binding: .backlog),
  BindingCase(
    backlog: 511, somaxconn: 4096, table: 16, cookies: 0, release: "6.18", binding: .maxSynBacklog),
  BindingCase(
    backlog: 511, somaxconn: 4096, table: 1024, cookies: 0, release: "6.18", binding: .backlog),
  BindingCase(
    backlog: 511, somaxconn: 4096, table: 1024, cookies: 2, release: "6.18", binding: .none),
  BindingCase(backlog: 5, somaxconn: 128, table: 1024, cookies: 1, release: "4.3", binding: .none),
  BindingCase(
    backlog: 128, somaxconn: 128, table: 128, cookies: 1, release: "4.3", binding: .backlog),
  BindingCase(
    backlog: 4096, somaxconn: 4096, table: 128, cookies: 1, release: "4.3", binding: .maxSynBacklog),
])
func bindings(_ c: BindingCase) throws {
  let release = try release(c.release)
  let accept = AcceptQueue(backlog: c.backlog, somaxconn: c.somaxconn, release: release)
  let syn = SynQueue(
    acceptQueue: accept, maxSynBacklog: c.table, syncookies: c.cookies, release: release)
  #expect(syn.binding == c.binding)
}

/// Where the release's text leaves it open by one, both answers are given, with the reason.
@Test(arguments: [
  "5.10", "6.1.0-47-cloud-amd64", "5.15.0-91-generic", "5.14.0-503.14.1.el9_5.x86_64", "6.6",
  "4.18.0-553.el8",
])
func openByOne(_ text: String) throws {
  let release = try release(text)
  let accept = AcceptQueue(backlog: 511, somaxconn: 4096, release: release)
  let open = SynQueue(acceptQueue: accept, maxSynBacklog: 16, syncookies: 1, release: release)
  #expect(open.capacity == 511)
  #expect(open.capacityMax == 512)
  #expect(open.note?.contains(text) == true)
  // Where another term binds, the difference does not matter.
  let bound = SynQueue(acceptQueue: accept, maxSynBacklog: 16, syncookies: 0, release: release)
  #expect(bound.capacity == 13)
  #expect(bound.capacityMax == nil)
}

struct ObservedCase: Sendable, CustomTestStringConvertible {
  var limit: Int64
  var cap: Int64?
  var binding: Binding
  var certain: Bool
  var testDescription: String { "limit \(limit), cap \(cap.map(String.init) ?? "unknown")" }
}

@Test(arguments: [
  ObservedCase(limit: 4096, cap: 4096, binding: .somaxconn, certain: false),
  ObservedCase(limit: 128, cap: 4096, binding: .backlog, certain: false),
  ObservedCase(limit: 511, cap: 4096, binding: .backlog, certain: true),
  ObservedCase(limit: 4096, cap: 16384, binding: .backlog, certain: false),
  ObservedCase(limit: 4096, cap: 1024, binding: .backlog, certain: true),
  ObservedCase(limit: 511, cap: nil, binding: .none, certain: false),
])
func observedListeners(_ c: ObservedCase) {
  let queue = AcceptQueue(observed: c.limit, somaxconn: c.cap)
  #expect(queue.binding == c.binding)
  #expect(queue.certain == c.certain)
  #expect(queue.capacity == c.limit + 1)
}

/// Raising a term of the minimum never lowers the result, on any release.
@Test func raisingATermNeverLowersAQueue() throws {
  let seed = UInt64.random(in: 0 ... .max)
  var generator = Seeded(state: seed)
  let releases = try ["3.10.4", "4.3", "4.4", "5.10.218", "6.12.9", "6.13", "7.3.4"].map(release)
  for _ in 0..<Iterations.count(5000) {
    let release = try #require(releases.randomElement(using: &generator))
    var terms = (0..<3).map { _ in Int64.random(in: 0...70_000, using: &generator) }
    let cookies = Int64.random(in: 0...1, using: &generator)
    func queues() -> (Int64, Int64) {
      let accept = AcceptQueue(backlog: terms[0], somaxconn: min(terms[1], 65535), release: release)
      let syn = SynQueue(
        acceptQueue: accept, maxSynBacklog: terms[2], syncookies: cookies, release: release)
      return (accept.capacity, syn.capacity)
    }
    let before = queues()
    terms[Int.random(in: 0..<3, using: &generator)] += Int64.random(in: 0...5000, using: &generator)
    let after = queues()
    #expect(
      after.0 >= before.0 && after.1 >= before.1, "seed \(seed): \(release) \(terms) \(cookies)")
    // Capacity is what fits: one more than the limit, which is kept in 16 bits up to 3.13.
    let limit = min(terms[0], terms[1], 65535)
    let kept = release.isAtLeast(3, 14) ? limit : limit & 0xffff
    #expect(after.0 == kept + 1, "seed \(seed): \(release) \(terms)")
  }
}
