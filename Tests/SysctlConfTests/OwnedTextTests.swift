import Support
import SysctlConf
import Testing

private let body = Array("net.core.somaxconn = 8192\n".utf8)
private let stamped = OwnedText.stamped(transaction: "0123abcd", body: body)

@Test func whatIsStampedIsOurs() {
  let seed = UInt64.random(in: 0 ... .max)
  var generator = Seeded(state: seed)
  for _ in 0..<Iterations.count(200) {
    let length = Int.random(in: 0...200, using: &generator)
    let body = (0..<length).map { _ in
      // Line ends and what our own lines are made of more often than the rest.
      [0x0a, 0x23, 0x20, UInt8.random(in: 0...255, using: &generator)]
        .randomElement(using: &generator) ?? 0
    }
    let text = OwnedText.stamped(transaction: "0123abcd", body: body)
    #expect(
      OwnedText.owner(of: text) == .ours(transaction: "0123abcd", body: body), "seed \(seed)")
    // A file of ours in a file of ours.
    let twice = OwnedText.stamped(transaction: "ff", body: text)
    #expect(OwnedText.owner(of: twice) == .ours(transaction: "ff", body: text), "seed \(seed)")
  }
}

/// Whatever bit of the file is another one, it is not as we wrote it.
@Test func everyFlippedBitIsSeen() {
  var bytes = stamped
  for index in bytes.indices {
    for bit in 0..<8 {
      bytes[index] ^= 1 << bit
      // The id alone is no part of what the digest is of.
      if case .ours(let transaction, let found) = OwnedText.owner(of: bytes) {
        #expect(transaction != "0123abcd" && found == body, "bit \(bit) of byte \(index)")
      }
      bytes[index] ^= 1 << bit
    }
  }
  #expect(OwnedText.isOurs(bytes))
}

@Test func aTornFileIsNotOurs() {
  for count in 0..<stamped.count {
    #expect(!OwnedText.isOurs(Array(stamped[..<count])), "\(count) bytes")
  }
}

@Test func anEditIsTold() {
  for edited in [body + body, [], body.dropLast(), [0x0a] + body] {
    let lines = stamped.dropLast(body.count)
    #expect(
      OwnedText.owner(of: lines + edited)
        == .edited(transaction: "0123abcd", body: Array(edited)))
  }
}

@Test(arguments: [
  "", "\n", "\n\n\n", "net.core.somaxconn = 1\n", "# tcptune: transaction 0123abcd sha256 0\n",
  "# Kept by tcptune\n# tcptune: transaction 0123abcd sha256 0\n",
])
func otherFilesAreForeign(_ text: String) {
  #expect(OwnedText.owner(of: Array(text.utf8)) == .foreign)
}

@Test(arguments: [
  ("0123abcd", "0123ABCD"), ("0123abcd", ""), ("0123abcd", "01 23"), ("sha256", "md5"),
  ("tcptune: ", "tcptune:"), ("# Kept", " # Kept"), ("\n# tcptune", "\n\n# tcptune"),
  ("\n# tcptune", "\r\n# tcptune"),
])
func linesThatAreNotQuiteOursAreForeign(_ old: String, _ new: String) {
  let text = String(decoding: stamped, as: UTF8.self).replacing(old, with: new, maxReplacements: 1)
  #expect(OwnedText.owner(of: Array(text.utf8)) == .foreign)
}
