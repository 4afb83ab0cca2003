import Facts
import Glibc

/// The listeners of the last dump with the bytes that told them: what is told again is not read again.
///
/// Who looks every second sees the same bytes nearly always.
struct ListenerMemory {
  private var messages: [InetDiagMessage] = []
  /// Where the listener of each message stands, nil for one that told none or none anew.
  private var places: [Int?] = []
  private var listeners: [Listener] = []

  /// The listeners that these messages tell, each once.
  mutating func listeners(in new: [InetDiagMessage]) -> [Listener] {
    if isSame(new) { return listeners }
    var memory = ListenerMemory()
    memory.messages = new
    memory.places.reserveCapacity(new.count)
    memory.listeners.reserveCapacity(new.count)
    var cookies = Set<UInt64>(minimumCapacity: new.count)
    for (index, message) in new.enumerated() {
      let known = isSame(message, at: index) ? places[index].map { listeners[$0] } : nil
      guard let listener = known ?? Listener(message), cookies.insert(listener.cookie).inserted
      else {
        memory.places.append(nil)
        continue
      }
      memory.places.append(memory.listeners.count)
      memory.listeners.append(listener)
    }
    self = memory
    return listeners
  }

  /// Whether all messages say what they said; looked at in place, for there can be many.
  private func isSame(_ new: [InetDiagMessage]) -> Bool {
    guard new.count == messages.count else { return false }
    for index in new.indices {
      guard new[index].payload.hasBytes(of: messages[index].payload) else { return false }
      if new[index].interface != 0, !isSame(new[index], at: index) { return false }
    }
    return true
  }

  /// Whether a message says what the one in its place said.
  private func isSame(_ message: InetDiagMessage, at index: Int) -> Bool {
    guard index < messages.count, message.payload.hasBytes(of: messages[index].payload) else {
      return false
    }
    // An interface may have another name by now.
    guard message.interface != 0, let place = places[index] else { return true }
    return Listener(message)?.address == listeners[place].address
  }
}

extension Bytes {
  fileprivate func hasBytes(of other: Bytes) -> Bool {
    guard count == other.count else { return false }
    return unsafe slice.withUnsafeBytes { a in
      unsafe other.slice.withUnsafeBytes { b in
        guard let first = a.baseAddress, let second = b.baseAddress else { return true }
        return unsafe memcmp(first, second, a.count) == 0
      }
    }
  }
}
