import Foundation
import Netlink

/// What a kernel answered to one sock_diag request, datagram by datagram.
public struct RecordedAnswers: Sendable {
  /// The request as it was sent.
  public var request: [UInt8]
  /// The datagrams that came back.
  public var answers: [[UInt8]]

  /// An answer made by hand.
  public init(request: [UInt8] = [], answers: [[UInt8]]) {
    self.request = request
    self.answers = answers
  }

  /// The recording `KERNEL-QUESTION.hex`.
  public init(kernel: String, question: String) throws {
    let file = Fixtures.folder.appending(path: "netlink/\(kernel)-\(question).hex")
    request = []
    answers = []
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ")
      switch words.first {
      case "request": request = try Self.bytes(words[1])
      case "answer": answers.append(try Self.bytes(words[1]))
      default: continue
      }
    }
  }

  private static func bytes(_ hex: Substring) throws -> [UInt8] {
    let digits = Array(hex)
    return try stride(from: 0, to: digits.count - 1, by: 2).map { index in
      guard let byte = UInt8(String(digits[index...index + 1]), radix: 16) else {
        throw FixtureFailure("expected hexadecimal digits, found '\(digits[index])'")
      }
      return byte
    }
  }

  /// The kernels of which this question was recorded.
  public static func kernels(asked question: String) -> [String] {
    let folder = Fixtures.folder.appending(path: "netlink").path(percentEncoded: false)
    let suffix = "-\(question).hex"
    let files = try? FileManager.default.contentsOfDirectory(atPath: folder)
    return (files ?? []).filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
      .sorted()
  }
}

/// Plays recorded answers: one recording for each request, in order.
public struct RecordedTransport: NetlinkTransport {
  /// What was sent.
  public private(set) var sent: [[UInt8]] = []
  private var recordings: [RecordedAnswers]
  private var waiting: [[UInt8]] = []
  private let observe: @Sendable ([UInt8]) -> Void

  /// A transport that answers the first request with the first recording, and so on.
  ///
  /// - Parameters:
  ///   - recordings: the answers, in the order of the requests.
  ///   - observe: is told every datagram that is sent.
  public init(
    _ recordings: [RecordedAnswers], observe: @escaping @Sendable ([UInt8]) -> Void = { _ in }
  ) {
    self.recordings = recordings
    self.observe = observe
  }

  /// Takes the next recording, its sequence numbers made those of the request.
  public mutating func send(_ datagram: [UInt8]) throws(NetlinkFailure) {
    sent.append(datagram)
    observe(datagram)
    guard !recordings.isEmpty else { throw .system(call: "send(netlink)", errno: ENOBUFS) }
    let sequence = Array(datagram[8..<12])
    waiting = recordings.removeFirst().answers.map { Self.renumbered($0, sequence) }
  }

  /// The next datagram of the recording; none left is a time-out.
  public mutating func receive() throws(NetlinkFailure) -> [UInt8] {
    guard !waiting.isEmpty else { throw .system(call: "recv(netlink)", errno: EAGAIN) }
    return waiting.removeFirst()
  }

  private static func renumbered(_ datagram: [UInt8], _ sequence: [UInt8]) -> [UInt8] {
    var datagram = datagram
    var at = 0
    while at + 16 <= datagram.count {
      let length = (0..<4).reduce(0) { $0 | Int(datagram[at + $1]) << (8 * $1) }
      datagram.replaceSubrange(at + 8..<at + 12, with: sequence)
      guard length >= 16 else { break }
      at += (length + 3) & ~3
    }
    return datagram
  }
}
