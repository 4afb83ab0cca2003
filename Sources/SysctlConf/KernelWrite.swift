/// What the kernel makes of one write to a key (measured on 6.18; kernel/sysctl.c).
public struct KernelWrite: Equatable, Sendable {
  /// What became of the text.
  public enum Outcome: String, Sendable {
    /// All of it holds.
    case taken
    /// Its beginning holds; the rest was not looked at, and no error was returned.
    case cut
    /// Some elements of a vector were set and the others stayed, with or without an error.
    case partly
    /// Nothing changed: the kernel returned an error.
    case refused
    /// It was written, and what the key shows now cannot be known.
    case unreadable
  }

  /// The number of the system call's error, by its name.
  public enum Failure: String, Sendable {
    case invalid = "EINVAL"
    case noEntry = "ENOENT"
    case notPermitted = "EPERM"
  }

  /// What became of the text.
  public var outcome: Outcome
  /// What the key shows afterwards, vectors with tabs as the kernel prints them; nil where that
  /// cannot be known.
  public var value: String?
  /// The error that write(2) returned; a vector may be partly written all the same.
  public var failure: Failure?

  init(_ outcome: Outcome, _ value: String?, _ failure: Failure? = nil) {
    self.outcome = outcome
    self.value = value
    self.failure = failure
  }
}

/// What else of the kernel's state decides about a write.
public struct WriteContext: Equatable, Sendable {
  /// `ip_unprivileged_port_start`.
  public var firstFreePort: Int64
  /// The first port of `ip_local_port_range`.
  public var firstLocalPort: Int64

  /// A context with the kernel's own defaults, unless others are given.
  public init(firstFreePort: Int64 = 1024, firstLocalPort: Int64 = 32768) {
    self.firstFreePort = firstFreePort
    self.firstLocalPort = firstLocalPort
  }
}

extension KeyKind {
  /// The kernel looks at this many bytes of one write (PAGE_SIZE - 1).
  static let longestWrite = 4095

  /// What becomes of a text that is written over the present value in one write(2).
  ///
  /// - Parameters:
  ///   - bytes: what is written, with its newline if it has one.
  ///   - present: what the key shows before, nil where that is not known.
  ///   - context: other keys that the kernel looks at.
  /// - Returns: what the kernel makes of it.
  public func write(
    _ bytes: [UInt8], over present: String?, in context: WriteContext = WriteContext()
  ) -> KernelWrite {
    // A write of no bytes never reaches the key.
    guard !bytes.isEmpty else { return KernelWrite(.taken, present) }
    switch self {
    case .numbers(let count, let range):
      return Self.writeNumbers(bytes, count: count, range: range, over: present)
    case .portRange:
      return Self.writePortRange(bytes, over: present, context)
    case .firstFreePort:
      let write = Self.writeNumbers(bytes, count: 1, range: Self.ports, over: present)
      let isTooHigh = write.value.flatMap { Int64($0) }.map { $0 > context.firstLocalPort } ?? false
      return write.failure == nil && isTooHigh ? KernelWrite(.refused, present, .invalid) : write
    case .portList:
      // A list longer than a page is taken page by page, in as many writes.
      guard let list = PortList(parsing: bytes) else {
        return KernelWrite(.refused, present, .invalid)
      }
      return KernelWrite(.taken, list.text)
    case .name(let rule):
      return Self.writeName(bytes, rule, over: present)
    case .secret: return KernelWrite(.unreadable, nil)
    case .text:
      let line = bytes.prefix { $0 != 0 && $0 != UInt8(ascii: "\n") }
      return KernelWrite(.taken, String(decoding: line, as: UTF8.self))
    }
  }

  // MARK: Names

  private static func writeName(
    _ bytes: [UInt8], _ rule: NameRule, over present: String?
  ) -> KernelWrite {
    let line = bytes.prefix { $0 != 0 && $0 != UInt8(ascii: "\n") }
    let name = String(decoding: line.prefix(rule.length), as: UTF8.self)
    if let existing = rule.existing, !existing.contains(name) {
      return KernelWrite(.refused, present, .noEntry)
    }
    if let permitted = rule.permitted, !permitted.contains(name) {
      return KernelWrite(.refused, present, .notPermitted)
    }
    return KernelWrite(line.count > rule.length ? .cut : .taken, name)
  }

  // MARK: Numbers

  private static func writeNumbers(
    _ bytes: [UInt8], count: Int, range: ClosedRange<Int64>, over present: String?
  ) -> KernelWrite {
    var reader = NumberReader(bytes)
    let read = reader.numbers(atMost: count, within: range)
    guard !read.numbers.isEmpty else { return KernelWrite(.refused, present, .invalid) }
    let value = Self.value(read.numbers, over: present, count: count)
    if read.failed { return KernelWrite(.partly, value, .invalid) }
    if read.numbers.count < count { return KernelWrite(.partly, value) }
    return KernelWrite(reader.isAtEnd ? .taken : .cut, value)
  }

  private static func writePortRange(
    _ bytes: [UInt8], over present: String?, _ context: WriteContext
  ) -> KernelWrite {
    var reader = NumberReader(bytes)
    let read = reader.numbers(atMost: 2, within: 1...65535)
    let refusal = KernelWrite(.refused, present, .invalid)
    guard !read.numbers.isEmpty, !read.failed, read.numbers[0] >= context.firstFreePort else {
      return refusal
    }
    let value = Self.value(read.numbers, over: present, count: 2)
    let ports = value.map { $0.utf8.split(separator: 0x09).compactMap { Int64(String($0) ?? "") } }
    if let ports, ports.count == 2, ports[0] > ports[1] { return refusal }
    if read.numbers.count < 2 { return KernelWrite(.partly, value) }
    return KernelWrite(reader.isAtEnd ? .taken : .cut, value)
  }

  /// The vector with its first elements replaced; nil where the others are not known.
  private static func value(_ numbers: [Int64], over present: String?, count: Int) -> String? {
    var words = numbers.map(String.init)
    if words.count < count {
      let old = (present ?? "").utf8.split { $0 == 0x20 || $0 == 0x09 }.map { String($0) ?? "" }
      guard old.count == count else { return nil }
      words += old[words.count...]
    }
    return words.joined(separator: "\t")
  }
}
