import Facts
import Netlink
import Support
import Synchronization
import Testing

/// What was sent while listeners were asked for.
private func requests(_ recordings: [RecordedAnswers]) -> [[UInt8]] {
  let sent = Mutex<[[UInt8]]>([])
  let transport = RecordedTransport(recordings) { datagram in
    sent.withLock { $0.append(datagram) }
  }
  _ = ask(over: transport)
  return sent.withLock { $0 }
}

/// A request with its sequence number taken out.
private func unnumbered(_ request: [UInt8]) -> [UInt8] {
  request.prefix(8) + [0, 0, 0, 0] + request.dropFirst(12)
}

private let end = RecordedAnswers(answers: [Made.done()])
private let no = RecordedAnswers(answers: [Made.refusal(errno: 22)])

/// The old form, for the state LISTEN alone and with SKMEMINFO: 76 bytes, request and dump.
@Test func theFirstRequest() {
  let header: [UInt8] = [76, 0, 0, 0, 18, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0]
  let anySocket = [UInt8](repeating: 0, count: 48)
  let wanted = header + [2, 0, 0, 0x40] + anySocket + [0, 4, 0, 0] + [0, 0, 0, 0]
  #expect(requests([end]).map(unnumbered) == [wanted])
}

/// The new form, once for each family, byte for byte as in the recordings.
@Test func theRequestsForEachFamily() throws {
  let kernel = try #require(RecordedAnswers.kernels(asked: "listen-v4-skmeminfo").last)
  let recorded = try ["listen-v4-skmeminfo", "listen-v6-skmeminfo"].map {
    try RecordedAnswers(kernel: kernel, question: $0).request
  }
  let sent = requests([no, end, end])
  #expect(sent.dropFirst().map(unnumbered) == recorded.map(unnumbered))
}

/// An answer is known by its number, so no two requests share one.
@Test func everyRequestHasItsOwnNumber() {
  let interrupted = RecordedAnswers(answers: [Made.done(flags: Made.interrupted)])
  let sent = requests([interrupted, no, interrupted, end, interrupted, interrupted])
  #expect(sent.count == 6)
  #expect(Set(sent.map { Array($0[8..<12]) }).count == 6)
}

/// The walk looks for two states and wants no memory information; the recording asks for the same.
@Test(arguments: RecordedAnswers.kernels(asked: "synrecv-closewait-tcpdiag"))
func theRequestOfAWalk(_ kernel: String) throws {
  let recording = try RecordedAnswers(kernel: kernel, question: "synrecv-closewait-tcpdiag")
  let sent = Mutex<[[UInt8]]>([])
  var dump = SocketDump(
    over: RecordedTransport([recording]) { datagram in sent.withLock { $0.append(datagram) } })
  _ = try dump.walk()
  #expect(sent.withLock { $0 }.map(unnumbered) == [unnumbered(recording.request)])
}
