import Facts
import Support
import SysctlConf
import Testing

@testable import Apply

private func problem(_ bytes: [UInt8]) -> String? {
  do {
    _ = try RecordJSON.record(from: bytes)
    return nil
  } catch {
    return error.message
  }
}

private func problem(_ text: String) -> String? { problem(Array(text.utf8)) }

/// The text of the sample with another part, under a digest that fits it.
private func resealed(_ change: (String) -> String) throws -> String {
  let text = String(decoding: RecordJSON.bytes(of: sampleRecord()), as: UTF8.self)
  let changed = change(text)
  try #require(changed != text)
  return changed
}

@Test func whatIsWrittenIsRead() throws {
  let seed = UInt64.random(in: 0 ... .max)
  var generator = Seeded(state: seed)
  for _ in 0..<Iterations.count(300) {
    let record = ChangeRecord.random(&generator)
    let bytes = RecordJSON.bytes(of: record)
    let again = try #require(
      try? RecordJSON.record(from: bytes), "seed \(seed): \(problem(bytes) ?? ""): \(record)")
    #expect(again == record, "seed \(seed)")
    // Strings that look alike are equal; their bytes are not.
    #expect(RecordJSON.bytes(of: again) == bytes, "seed \(seed)")
  }
}

/// A file that was not brought to the disk whole.
@Test func aTornRecordIsRefused() {
  let bytes = RecordJSON.bytes(of: sampleRecord())
  #expect(problem(bytes) == nil)
  for count in 0..<bytes.count {
    #expect(problem(Array(bytes[..<count])) != nil, "\(count) of \(bytes.count) bytes")
    let zeros = [UInt8](repeating: 0, count: bytes.count - count)
    #expect(problem(Array(bytes[..<count]) + zeros) != nil, "zeros from byte \(count) on")
  }
  #expect(problem(bytes + [0]) != nil)
  #expect(problem(bytes + bytes) != nil)
}

/// A disk that lies.
@Test func aFlippedBitIsSeen() {
  var bytes = RecordJSON.bytes(of: sampleRecord())
  for index in bytes.indices {
    for bit in 0..<8 {
      bytes[index] ^= 1 << bit
      #expect(problem(bytes) != nil, "bit \(bit) of byte \(index)")
      bytes[index] ^= 1 << bit
    }
  }
  #expect(problem(bytes) == nil)
}

@Test(
  arguments: [
    ("\"format\": 1", "\"format\": 2", "expected format 1, found 2"),
    ("\"format\": 1", "\"format\": 1.0", "'format': expected a whole number, found 1.0"),
    ("\"format\": 1", "\"format\": \"1\"", "'format': expected a whole number, found \"1\""),
    (
      "\"format\": 1", "\"format\": 99999999999999999999",
      "'format': expected a whole number, found 99999999999999999999"
    ),
    (
      "\"sequence\": 7", "\"sequence\": 0",
      "expected a number from 1 to 999999 as the sequence, found 0"
    ),
    (
      "\"sequence\": 7", "\"sequence\": 1000000",
      "expected a number from 1 to 999999 as the sequence, found 1000000"
    ),
    (
      "\"id\": \"0123abcd\"", "\"id\": \"0123ABCD\"",
      "expected an id of eight hexadecimal digits, found '0123ABCD'"
    ),
    (
      "\"id\": \"0123abcd\"", "\"id\": \"../../etc\"",
      "expected an id of eight hexadecimal digits, found '../../etc'"
    ),
    (
      "\"phase\": \"trial\"", "\"phase\": \"kept\"",
      "'phase': expected a word of ours, found 'kept'"
    ),
    ("\"alarm\": \"watcher\"", "\"alarm\": null", "'alarm': expected a text, found null"),
    ("\"kind\": \"apply\"", "\"kind\": \"rollback\"", "'rollback_of': expected a text, found null"),
    ("\"kind\": \"apply\"", "\"kind\": \"write\"", "expected apply or rollback, found 'write'"),
    ("net.ipv4.tcp_rmem\"", "net/../../kernel/x\"", "expected a key, found 'net/../../kernel/x'"),
    ("net.ipv4.tcp_rmem\"", "net/ipv4/tcp_rmem\"", "expected a key, found 'net/ipv4/tcp_rmem'"),
    ("net.ipv4.tcp_rmem\"", "net.ipv4..tcp_rmem\"", "expected a key, found 'net.ipv4..tcp_rmem'"),
    ("4096 131072 16777216\",", "4096\\n1\",", "expected a value on one line, found '4096\n1'"),
    ("4096 131072 16777216\",", "4096\\u0000\",", "expected a value on one line, found '4096\0'"),
    ("99-tcptune.conf", "../99.conf", "expected the name of a file, found '../99.conf'"),
    ("99-tcptune.conf", "99.sh", "expected the name of a file, found '99.sh'"),
    (
      "\"deadline_boottime_ms\": 86400000", "\"deadline\": 86400000",
      "expected 'deadline_boottime_ms', found none"
    ),
  ] as [(String, String, String)])
func whatIsNotOursIsNamed(_ old: String, _ new: String, _ message: String) throws {
  let text = try resealed { $0.replacing(old, with: new, maxReplacements: 1) }
  #expect(problem(text) == message)
}

/// Our words in another order or with other blanks are not what we wrote.
@Test func theSameDocumentInOtherWordsIsRefused() throws {
  let message = "expected the text that its digest belongs to, found another"
  for (old, new) in [
    ("\n  \"format\": 1,", "\n  \"format\":  1,"), ("\"web\"", "\"\\u0077eb\""),
    ("\"rollback_of\": null", "\"rollback_of\": \"0123abcd\""),
    ("\"user\": 0", "\"user\": 1"), ("\"user\": 0", "\"user\": -0"),
    ("\"title\":", "\"further\": 1,\n    \"title\":"),
  ] {
    #expect(problem(try resealed { $0.replacing(old, with: new, maxReplacements: 1) }) == message)
  }
  let lines = String(decoding: RecordJSON.bytes(of: sampleRecord()), as: UTF8.self)
    .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  let one = try #require(lines.firstIndex { $0.contains("\"began_ms\"") })
  let other = try #require(lines.firstIndex { $0.contains("\"deadline_boottime_ms\"") })
  var swapped = lines
  swapped.swapAt(one, other)
  #expect(problem(swapped.joined(separator: "\n")) == message)
}

@Test func aRecordTwiceInItselfIsRefused() throws {
  let text = try resealed {
    $0.replacing("\"format\": 1", with: "\"format\": 1,\n  \"format\": 1", maxReplacements: 1)
  }
  #expect(problem(text)?.contains("once, found it again") == true)
}

@Test(arguments: ["[", "{\"a\":"])
func depthHasAnEnd(_ opening: String) {
  #expect(
    problem(String(repeating: opening, count: 100_000))?
      .contains("expected at most 64 nested levels") == true)
}

@Test(arguments: ["", "\0", "null", "[]", "1", "\"\"", "{}", "{\"format\":1}"])
func otherDocumentsAreRefused(_ text: String) {
  #expect(problem(text) != nil)
}
