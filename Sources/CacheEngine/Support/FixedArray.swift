/// A heap array of fixed length whose elements may be noncopyable; every access is bounds-checked.
@safe
struct FixedArray<Element: ~Copyable>: ~Copyable {
    private let elements: UnsafeMutablePointer<Element>
    let count: Int

    init(count: Int, _ make: (Int) -> Element) {
        unsafe elements = UnsafeMutablePointer<Element>.allocate(capacity: count)
        self.count = count
        for position in 0..<count {
            unsafe (elements + position).initialize(to: make(position))
        }
    }

    deinit {
        unsafe elements.deinitialize(count: count)
        unsafe elements.deallocate()
    }

    subscript(position: Int) -> Element {
        unsafeAddress {
            precondition(position >= 0 && position < count, "index out of range")
            return unsafe UnsafePointer(elements + position)
        }
        unsafeMutableAddress {
            precondition(position >= 0 && position < count, "index out of range")
            return unsafe elements + position
        }
    }
}

extension FixedArray: @unchecked Sendable where Element: Sendable & ~Copyable {}
