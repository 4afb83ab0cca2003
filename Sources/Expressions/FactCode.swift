import Facts

/// Names of facts in a form that is read back without looking for them: a letter for the group, then
/// the fact's place in it, or the name of a key or counter.
///
/// Places change when facts are added; writer and reader are of one build.
extension FactName {
  /// The name in that form.
  var code: String {
    switch self {
    case .key(let key): "k\(key.name)"
    case .element(let key, let element): "e\(Self.place(of: element))\(key.name)"
    case .counter(let name): "c\(name)"
    case .host(let fact): "h\(Self.place(of: fact))"
    case .sockets(let fact): "s\(Self.place(of: fact))"
    case .listener(let fact): "l\(Self.place(of: fact))"
    case .destination(let fact): "d\(Self.place(of: fact))"
    case .connections(let fact): "x\(Self.place(of: fact))"
    case .entry(let fact): "y\(Self.place(of: fact))"
    case .files(let fact): "f\(Self.place(of: fact))"
    case .limit(let fact): "m\(Self.place(of: fact))"
    }
  }

  private static func place<Group: CaseIterable & Equatable>(of fact: Group) -> Int {
    Group.allCases.enumerated().first { $0.element == fact }?.offset ?? 0
  }

  /// The fact that such a form names, nil for any other word.
  init?(code: ArraySlice<UInt8>) {
    guard let group = code.first else { return nil }
    let rest = code.dropFirst()
    switch group {
    case UInt8(ascii: "k"): self = .key(SysctlKey(literal: String(decoding: rest, as: UTF8.self)))
    case UInt8(ascii: "e"):
      // There are fewer than ten.
      guard let element = rest.prefix(1).member(of: VectorElement.allCases) else { return nil }
      let name = String(decoding: rest.dropFirst(), as: UTF8.self)
      self = .element(SysctlKey(literal: name), element)
    case UInt8(ascii: "c"): self = .counter(String(decoding: rest, as: UTF8.self))
    default: self.init(code: rest, of: group)
    }
  }

  private init?(code: ArraySlice<UInt8>, of group: UInt8) {
    let fact: FactName? =
      switch group {
      case UInt8(ascii: "h"): code.member(of: HostFact.allCases).map(FactName.host)
      case UInt8(ascii: "s"): code.member(of: SocketsFact.allCases).map(FactName.sockets)
      case UInt8(ascii: "l"): code.member(of: ListenerFact.allCases).map(FactName.listener)
      case UInt8(ascii: "d"): code.member(of: DestinationFact.allCases).map(FactName.destination)
      case UInt8(ascii: "x"): code.member(of: ConnectionsFact.allCases).map(FactName.connections)
      case UInt8(ascii: "y"): code.member(of: EntryFact.allCases).map(FactName.entry)
      case UInt8(ascii: "f"): code.member(of: FilesFact.allCases).map(FactName.files)
      case UInt8(ascii: "m"): code.member(of: LimitID.allCases).map(FactName.limit)
      default: nil
      }
    guard let fact else { return nil }
    self = fact
  }
}

extension ArraySlice<UInt8> {
  /// The number that digits spell, nil for one that is not below the bound and for no digits.
  func number(below bound: Int) -> Int? {
    guard !isEmpty else { return nil }
    var number = 0
    for digit in self {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      number = number * 10 + Int(digit - UInt8(ascii: "0"))
      guard number < bound else { return nil }
    }
    return number
  }

  /// What has the place that digits spell.
  func member<Item>(of all: [Item]) -> Item? { number(below: all.count).map { all[$0] } }
}
