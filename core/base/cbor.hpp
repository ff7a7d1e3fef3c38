// core/base: a bounded reader of CBOR (RFC 8949) in its core deterministic encoding (§4.2.1): shortest heads,
// definite lengths, map keys in bytewise order and unique. What is encoded otherwise is refused, so that one value
// has one encoding. A cursor over bytes: no recursion, no copies.
//
// Errors stick. After the first one every call returns an empty value and moves nothing, so a parser reads a whole
// structure and asks once: `return r.finish();`. Loops over counts stay bounded: a count is never larger than the
// bytes that are left.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb {

/// Major types (RFC 8949 §3.1); `none` when nothing is left or an error happened.
enum class CborType : std::uint8_t {
    unsigned_int = 0,
    negative_int = 1,
    bytes = 2,
    text = 3,
    array = 4,
    map = 5,
    tag = 6,
    simple = 7,
    none = 8,
};

class CborReader {
public:
    explicit CborReader(Bytes in) : in_(in) {}

    /// The type of the next item; moves nothing.
    [[nodiscard]] CborType peek() const;

    /// The next item's value; the item is passed. Errors: malformed when it is of another type, non_canonical,
    /// truncated; unsigned32: overflow when it does not fit.
    [[nodiscard]] std::uint64_t unsigned64();
    [[nodiscard]] std::uint32_t unsigned32();
    /// An integer of either sign. Errors besides: overflow beyond ±2^31.
    [[nodiscard]] std::int32_t integer();
    [[nodiscard]] Bytes bytes();
    [[nodiscard]] Bytes text();
    /// A byte string of exactly out.size() bytes, copied. Errors besides: malformed when it has another length.
    void bytes_into(MutableBytes out);
    /// The number of items of an array, or of pairs of a map; the items follow.
    [[nodiscard]] std::uint32_t array();
    [[nodiscard]] std::uint32_t map();
    [[nodiscard]] std::uint64_t tag();
    /// The number of a simple value: 20 false, 21 true, 22 null, 23 undefined. Errors besides: unsupported: floats.
    [[nodiscard]] std::uint8_t simple();

    /// The length that a byte string announces; passes its head only. For strings whose end is not here yet.
    [[nodiscard]] std::uint32_t bytes_head();
    /// Passes `count` bytes. Errors: truncated.
    void skip(std::size_t count);

    /// Reads an item that can have one value only; else sets `otherwise`.
    void expect_unsigned(std::uint32_t value, Error otherwise = Error::unsupported);
    void expect_array(std::uint32_t items, Error otherwise = Error::malformed);

    /// Sets the error, unless one stands.
    void fail(Error e);
    [[nodiscard]] bool ok() const { return error_ == Error::none; }
    [[nodiscard]] Error error() const { return error_; }
    /// Bytes passed so far.
    [[nodiscard]] std::size_t offset() const { return at_; }
    /// What the reader reads.
    [[nodiscard]] Bytes input() const { return in_; }

    /// Nothing, when all was read and nothing was wrong. Errors: the first one; trailing_data.
    [[nodiscard]] Result<void> finish();

private:
    std::uint64_t head(CborType want);
    std::uint32_t count(CborType want, std::uint32_t items_each);
    Bytes string(CborType want);
    [[nodiscard]] std::uint8_t initial() const { return in_[at_]; }

    Bytes in_;
    std::size_t at_ = 0;
    Error error_ = Error::none;
};

/// The order of a map's keys: each in bytewise order behind the one before it (RFC 8949 §4.2.1).
class CborKeyOrder {
public:
    /// Passes judgement on the key that `reader` has just read, encoded in [from, reader.offset()).
    /// Sets Error::duplicate_key when it is the key before it, or sorts before it.
    void check(CborReader& reader, std::size_t from);
    /// Reads an integer key and checks its place. Errors besides: unsupported when the key is no integer.
    [[nodiscard]] std::int32_t integer(CborReader& reader);
    /// Reads a key that can only be `key`. Errors besides: unsupported when it is another one.
    void expect(CborReader& reader, std::int32_t key);

private:
    Bytes last_;
};

}  // namespace sb
