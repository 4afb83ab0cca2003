/// A kernel's release number, with what is known of its place in a stable branch.
///
/// Distributions hide the stable number in different ways: Debian's `6.1.0-47-cloud-amd64` is
/// 6.1.170, Ubuntu's `5.15.0-203-generic` carries fixes of 5.15.y, Red Hat's `5.14.0-503.el9` is
/// unlike any upstream release. Where the number cannot be known, ``patch`` is nil.
public struct KernelRelease: Hashable, Sendable {
  /// The first number: 6 of 6.1.170.
  public var major: Int
  /// The second number: 1 of 6.1.170.
  public var minor: Int
  /// The stable number, nil where the text does not tell it.
  public var patch: Int?
  /// What `uname -r` prints, or what the user typed.
  public var text: String
  /// Whether the release has a distributor's suffix, and so may carry changes of later releases.
  public var isVendorKernel: Bool

  /// The release that `text` spells.
  ///
  /// - Parameters:
  ///   - text: `6.1.170`, `6.1`, `6.1.0-47-cloud-amd64`, `5.14.0-503.el9.x86_64`, `7.0-rc3`.
  ///   - version: the content of /proc/version or /proc/version_signature, in which Debian and
  ///     Ubuntu name the stable release they built from.
  public init?(_ text: some StringProtocol, version: String = "") {
    // By bytes: a program reads some fifty of these at its start.
    let bytes = text.utf8
    let suffixStart = bytes.firstIndex { !$0.isDigit && $0 != UInt8(ascii: ".") } ?? bytes.endIndex
    let fields = bytes[..<suffixStart].split(
      separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
    guard
      fields.count >= 2, let major = Self.number(fields[0]), major > 0, major < 1000,
      let minor = Self.number(fields[1]), minor < 1000
    else { return nil }
    self.major = major
    self.minor = minor
    self.text = String(text)
    let suffix = bytes[suffixStart...]
    let isCandidate = suffix.starts(with: "-rc".utf8)
    isVendorKernel = !suffix.isEmpty && !isCandidate && !suffix.elementsEqual("+".utf8)
    if fields.count >= 3 {
      guard let number = Self.number(fields[2]), number < 100_000 else { return nil }
      patch = number
    } else {
      patch = isCandidate ? 0 : nil
    }
    // `x.y.0-N…`: the zero is the distributor's, N its own count of builds.
    let hidesPatch =
      isVendorKernel && patch == 0 && suffix.first == UInt8(ascii: "-")
      && suffix.dropFirst().first?.isDigit == true
    if hidesPatch {
      patch = Self.stableRelease(in: version, major: major, minor: minor)
    }
  }

  /// A mainline or stable release by its numbers.
  public init(_ major: Int, _ minor: Int, patch: Int? = nil) {
    self.major = major
    self.minor = minor
    self.patch = patch
    text = "\(major).\(minor)" + (patch.map { ".\($0)" } ?? "")
    isVendorKernel = false
  }

  /// The number that digits spell, nil for none and for one that no release has.
  private static func number(_ digits: some Sequence<UInt8>) -> Int? {
    var number: Int?
    for digit in digits {
      guard (number ?? 0) < 1_000_000 else { return nil }
      number = (number ?? 0) * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return number
  }

  /// The stable number of `major.minor` that a version text names: `Debian 6.1.170-3`, or the last
  /// word of Ubuntu's `Ubuntu 5.15.0-91.101-generic 5.15.131`.
  private static func stableRelease(in version: String, major: Int, minor: Int) -> Int? {
    let words = version.split { $0 == " " || $0 == "\n" || $0 == "\t" }
    for (index, word) in words.enumerated().reversed() {
      let named = index > 0 && words[index - 1] == "Debian"
      let signature = index == words.count - 1 && words.first == "Ubuntu"
      guard named || signature else { continue }
      let fields = word.prefix { $0.isNumber || $0 == "." }.split(separator: ".")
      guard fields.count >= 3, Int(fields[0]) == major, Int(fields[1]) == minor else { continue }
      return Int(fields[2])
    }
    return nil
  }
}

extension KernelRelease: Comparable {
  /// Releases compare by their three numbers; an unknown stable number counts as 0, so that
  /// "since 6.1" holds for every 6.1.
  public static func < (a: Self, b: Self) -> Bool {
    (a.major, a.minor, a.patch ?? 0) < (b.major, b.minor, b.patch ?? 0)
  }

  /// Whether both have the same three numbers, whatever their suffixes.
  public static func == (a: Self, b: Self) -> Bool {
    (a.major, a.minor, a.patch ?? 0) == (b.major, b.minor, b.patch ?? 0)
  }

  /// Hashes the three numbers, as `==` compares them.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(major)
    hasher.combine(minor)
    hasher.combine(patch ?? 0)
  }

  /// Whether this is `major.minor` or later, whatever the stable number.
  public func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
    (self.major, self.minor) >= (major, minor)
  }
}

extension KernelRelease: CustomStringConvertible {
  /// The numbers that are known: `6.1.170`, or `5.14` where the stable number is hidden.
  public var description: String {
    patch.map { "\(major).\(minor).\($0)" } ?? "\(major).\(minor)"
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
