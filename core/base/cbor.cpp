#include "core/base/cbor.hpp"

namespace sb {

namespace {

// Values of the additional information that announce an argument of 1, 2, 4 or 8 bytes (RFC 8949 §3).
constexpr std::uint8_t one_byte_follows = 24;
constexpr std::uint8_t eight_bytes_follow = 27;
constexpr std::uint8_t indefinite = 31;

}  // namespace

void CborReader::fail(Error e) {
    if (ok()) error_ = e;
}

CborType CborReader::peek() const {
    if (!ok() || at_ >= in_.size()) return CborType::none;
    return static_cast<CborType>(initial() >> 5);
}

// Reads the initial byte and the argument. Each width must be the shortest that holds its value.
std::uint64_t CborReader::head(CborType want) {
    if (!ok()) return 0;
    if (at_ >= in_.size()) {
        fail(Error::truncated);
        return 0;
    }
    const std::uint8_t info = initial() & 31U;
    if (peek() != want) fail(Error::malformed);
    if (info == indefinite) fail(Error::non_canonical);
    if (info > eight_bytes_follow) fail(Error::malformed);
    if (!ok()) return 0;
    if (info < one_byte_follows) {
        ++at_;
        return info;
    }
    const std::size_t width = std::size_t{1} << (info - one_byte_follows);
    if (in_.size() - at_ <= width) {
        fail(Error::truncated);
        return 0;
    }
    std::uint32_t high = 0;
    std::uint32_t low = 0;
    for (std::size_t i = 0; i < width; ++i) {
        high = high << 8 | low >> 24;
        low = low << 8 | in_[at_ + 1 + i];
    }
    const bool shortest = width == 8   ? high != 0
                          : width == 4 ? low > 0xFFFF
                          : width == 2 ? low > 0xFF
                                       : low >= one_byte_follows;
    if (!shortest) {
        fail(Error::non_canonical);
        return 0;
    }
    at_ += width + 1;
    return std::uint64_t{high} << 32 | low;
}

std::uint64_t CborReader::unsigned64() {
    return head(CborType::unsigned_int);
}

std::uint32_t CborReader::unsigned32() {
    const std::uint64_t value = unsigned64();
    if (value >> 32 == 0) return static_cast<std::uint32_t>(value);
    fail(Error::overflow);
    return 0;
}

std::int32_t CborReader::integer() {
    const bool negative = peek() == CborType::negative_int;
    const std::uint64_t value = head(negative ? CborType::negative_int : CborType::unsigned_int);
    if (value >> 31 != 0) fail(Error::overflow);
    if (!ok()) return 0;
    const auto magnitude = static_cast<std::int32_t>(value);
    return negative ? -1 - magnitude : magnitude;
}

std::uint32_t CborReader::bytes_head() {
    const std::uint64_t length = head(CborType::bytes);
    if (length >> 32 == 0) return static_cast<std::uint32_t>(length);
    fail(Error::overflow);
    return 0;
}

void CborReader::skip(std::size_t count) {
    if (count > in_.size() - at_) fail(Error::truncated);
    if (ok()) at_ += count;
}

Bytes CborReader::string(CborType want) {
    const std::uint64_t length = head(want);
    if (length > in_.size() - at_) fail(Error::truncated);
    if (!ok()) return {};
    const Bytes content = in_.subspan(at_, static_cast<std::size_t>(length));
    at_ += content.size();
    return content;
}

Bytes CborReader::bytes() {
    return string(CborType::bytes);
}

Bytes CborReader::text() {
    return string(CborType::text);
}

void CborReader::bytes_into(MutableBytes out) {
    const Bytes content = bytes();
    if (content.size() != out.size()) fail(Error::malformed);
    if (ok()) copy(out, content);
}

// Each item takes a byte at least, so a count beyond what is left cannot be met.
std::uint32_t CborReader::count(CborType want, std::uint32_t items_each) {
    const std::uint64_t items = head(want);
    if (items > (in_.size() - at_) / items_each) fail(Error::truncated);
    return ok() ? static_cast<std::uint32_t>(items) : 0;
}

std::uint32_t CborReader::array() {
    return count(CborType::array, 1);
}

std::uint32_t CborReader::map() {
    return count(CborType::map, 2);
}

std::uint64_t CborReader::tag() {
    return head(CborType::tag);
}

std::uint8_t CborReader::simple() {
    if (peek() == CborType::simple && (initial() & 31U) >= one_byte_follows && (initial() & 31U) != indefinite)
        fail(Error::unsupported);
    return static_cast<std::uint8_t>(head(CborType::simple));
}

void CborReader::expect_unsigned(std::uint32_t value, Error otherwise) {
    if (unsigned64() != value) fail(otherwise);
}

void CborReader::expect_array(std::uint32_t items, Error otherwise) {
    if (array() != items) fail(otherwise);
}

Result<void> CborReader::finish() {
    if (ok() && at_ != in_.size()) fail(Error::trailing_data);
    if (!ok()) return sb::fail(error_);
    return {};
}

void CborKeyOrder::check(CborReader& reader, std::size_t from) {
    if (!reader.ok()) return;
    const Bytes key = reader.input().subspan(from, reader.offset() - from);
    const std::size_t common = key.size() < last_.size() ? key.size() : last_.size();
    const int order = common == 0 ? 1 : std::memcmp(key.data(), last_.data(), common);
    // No encoding is the beginning of another one, so equal beginnings mean equal keys.
    if (order <= 0) reader.fail(Error::duplicate_key);
    last_ = key;
}

std::int32_t CborKeyOrder::integer(CborReader& reader) {
    const std::size_t from = reader.offset();
    const CborType type = reader.peek();
    if (type != CborType::unsigned_int && type != CborType::negative_int && type != CborType::none)
        reader.fail(Error::unsupported);
    const std::int32_t key = reader.integer();
    check(reader, from);
    return key;
}

void CborKeyOrder::expect(CborReader& reader, std::int32_t key) {
    if (integer(reader) != key) reader.fail(Error::unsupported);
}

}  // namespace sb
