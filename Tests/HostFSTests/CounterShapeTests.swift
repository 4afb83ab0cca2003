import Facts
@testable import HostFS
import Support
import Testing

// What is read as numbers alone is what a reading of every word finds.

/// The counters of a file in their order, nil where it has something that is not what we know.
private func whole(_ bytes: [UInt8], _ layout: CounterFile.Layout) -> [Int64]? {
  var file = CounterFile(bytes, layout)
  var builder = CounterTable.Builder()
  file.parse(into: &builder)
  guard file.failures.isEmpty, file.spots.count == builder.count else { return nil }
  return file.spots.map { Int64(String(decoding: bytes[$0], as: UTF8.self)) ?? .min }
}

/// The same file later: other numbers, of other lengths too.
private func later(
  _ bytes: [UInt8], _ spots: [Range<Int>], _ random: inout Seeded
) -> [UInt8] {
  var result: [UInt8] = []
  var end = 0
  for spot in spots {
    result += bytes[end..<spot.lowerBound]
    switch Int.random(in: 0...5, using: &random) {
    case 0: result += "\(Int64.random(in: -9...999_999_999_999_999_999, using: &random))".utf8
    case 1: result += "0".utf8
    default: result += bytes[spot]
    }
    end = spot.upperBound
  }
  return result + bytes[end...]
}

@Test(arguments: RecordedHost.all)
func numbersAloneAreThoseOfAWholeReading(recorded: RecordedHost) throws {
  var random = Seeded(state: 17)
  var read = 0
  let folder = try recorded.unpacked()
  for source in HostFS.counterSources {
    let bytes = try HostFS(root: folder.path).bytes("proc/net/\(source.file)")
    var shape = try #require(CounterShape(bytes, source.layout), "\(source.file)")
    var file = CounterFile(bytes, source.layout)
    var builder = CounterTable.Builder()
    file.parse(into: &builder)
    for _ in 0..<40 {
      let next = later(bytes, file.spots, &random)
      let numbers = shape.numbers(in: next)
      #expect(numbers != nil && numbers == whole(next, source.layout))
      read += numbers?.count ?? 0
    }
    // Whatever else is changed: the same, or nothing.
    for _ in 0..<400 {
      var next = later(bytes, file.spots, &random)
      let place = Int.random(in: next.indices, using: &random)
      let byte = Array(" \n:-x0719".utf8).randomElement(using: &random) ?? 0
      switch Int.random(in: 0...2, using: &random) {
      case 0: next[place] = byte
      case 1: next.insert(byte, at: place)
      default: next.remove(at: place)
      }
      var copy = shape
      if let numbers = copy.numbers(in: next) {
        #expect(numbers == whole(next, source.layout), "\(source.file): \(place)")
      }
    }
    #expect(shape.numbers(in: Array(bytes.dropLast(2))) == nil)
    #expect(shape.numbers(in: bytes + Array("Tcp: A\nTcp: 1\n".utf8)) == nil)
    // What failed has left the shape as it was.
    #expect(shape.numbers(in: bytes) == whole(bytes, source.layout))
  }
  #expect(read > 9000)
  withExtendedLifetime(folder) {}
}

/// What is not as we know it, or has no place of its own, has no shape.
@Test(arguments: [
  "Tcp: A B\nTcp: 1 x\n", "Tcp: A B\nTcp: 1\n", "Tcp: A A\nTcp: 1 2\n", "Tcp: A\n", "x\n",
  "Tcp: A\nTcp: 9223372036854775808\n",
])
func filesWithoutAShape(text: String) {
  #expect(CounterShape(Array(text.utf8), .headed) == nil)
}

/// Numbers that may not fit are left to the whole reading, which knows the limit.
@Test func longNumbersAreReadAsAWhole() throws {
  var shape = try #require(CounterShape(Array("Tcp: A\nTcp: 1\n".utf8), .headed))
  #expect(
    shape.numbers(in: Array("Tcp: A\nTcp: 999999999999999999\n".utf8)) == [999_999_999_999_999_999])
  #expect(shape.numbers(in: Array("Tcp: A\nTcp: 1000000000000000000\n".utf8)) == nil)
  #expect(shape.numbers(in: Array("Tcp: A\nTcp: -\n".utf8)) == nil)
  #expect(shape.numbers(in: Array("Tcp: A\nTcp: -7\n".utf8)) == [-7])
}
