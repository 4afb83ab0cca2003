import Catalogue
import Expressions
import Facts
import Pages
import Testing

@testable import Audit

/// What programs of this host opened and do not close is what is left when each listener's address
/// is taken off once, however many members of a group stand there.
@Test func closeWaitThatNoListenerBrought() throws {
  func outgoing(_ listeners: [Listener], walk: Reading<Listener.Attached>) throws -> Reading<Value>
  {
    var snapshot = try stockSnapshot(listeners)
    snapshot.walk = walk
    return SnapshotFacts(snapshot, tunables: catalogue.pages.tunables)
      .reading(.value(.sockets(.closeWaitOutgoing)), of: .host)
  }
  func at(_ port: Int64, held: Int64) -> Listener {
    var listener = listener(port, limit: 128)
    listener.attached = .known(Listener.Attached(closeWaitUnaccepted: 7, closeWaitHeld: held))
    return listener
  }
  let walk = Reading.known(Listener.Attached(closeWaitUnaccepted: 14, closeWaitHeld: 300))
  #expect(try outgoing([], walk: walk) == .known(.count(300)))
  #expect(try outgoing([at(80, held: 100)], walk: walk) == .known(.count(200)))
  #expect(
    try outgoing([at(80, held: 100), at(80, held: 100), at(81, held: 50)], walk: walk)
      == .known(.count(150)))
  // What belongs to a listener may be unknown: then this is too.
  var unknown = at(82, held: 0)
  unknown.attached = .absent("it is bound to an interface")
  #expect(try outgoing([at(80, held: 100), unknown], walk: walk).value == nil)
  #expect(try outgoing([], walk: .missing(Absence(.notGathered, "no walk was made"))).value == nil)
  // Counts that were taken one after the other may contradict each other.
  #expect(try outgoing([at(80, held: 301)], walk: walk) == .known(.count(0)))
}
