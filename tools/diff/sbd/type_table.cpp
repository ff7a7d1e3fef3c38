#include "tools/diff/sbd/type_table.hpp"

#include <algorithm>
#include <array>

#include "tools/diff/format.hpp"

namespace sb::diff {
namespace {

constexpr std::uint32_t head_words = 3;
constexpr std::uint32_t magic = 0x0001eb9f;  // with version 1, no flags
constexpr std::uint32_t header_bytes = 24;

/// An image read in order, a word at a time.
class WordReader {
public:
    WordReader(Reader& image, std::uint32_t from, std::uint32_t end) : image_(image), at_(from), end_(end) {}

    [[nodiscard]] std::uint32_t at() const { return at_; }
    [[nodiscard]] std::uint32_t left() const { return (end_ - at_) / 4; }
    /// Requires: left() != 0.
    [[nodiscard]] std::uint32_t next() {
        if (used_ == held_) fill();
        const auto word = load_le<std::uint32_t>(Bytes(buffer_).subspan(used_, 4));
        used_ += 4;
        at_ += 4;
        return word;
    }

private:
    void fill() {
        held_ = std::min<std::size_t>(buffer_.size(), std::size_t{left()} * 4);
        used_ = 0;
        if (const auto read = image_.read(at_, MutableBytes(buffer_).first(held_)); !read) refuse(read.error(), 0);
    }

    Reader& image_;
    std::uint32_t at_, end_;
    std::array<std::uint8_t, 4096> buffer_;
    std::size_t used_ = 0, held_ = 0;
};

}  // namespace

const TypeShape* shape_of(std::uint32_t info) {
    constexpr auto none = TypeWord::other, name = TypeWord::name, type = TypeWord::type;
    static constexpr std::array<TypeShape, 20> shapes{{
        {},
        {none, false, 1, {none}},              // integer: how it is encoded
        {type, false, 0, {}},                  // pointer
        {none, false, 3, {type, type, none}},  // array: of what, by what, how many
        {none, true, 3, {name, type, none}},   // structure: members and where they stand
        {none, true, 3, {name, type, none}},   // union
        {none, true, 2, {name, none}},         // enumeration: names and values
        {none, false, 0, {}},                  // forward declaration
        {type, false, 0, {}},                  // typedef
        {type, false, 0, {}},                  // volatile
        {type, false, 0, {}},                  // const
        {type, false, 0, {}},                  // restrict
        {type, false, 0, {}},                  // function
        {type, true, 2, {name, type}},         // prototype: parameters
        {type, false, 1, {none}},              // variable: linkage
        {none, true, 3, {type, none, none}},   // section: variables and where they stand
        {none, false, 0, {}},                  // floating point
        {type, false, 1, {none}},              // tag of a declaration: of which part
        {type, false, 0, {}},                  // tag of a type
        {none, true, 3, {name, none, none}},   // enumeration of 64 bits
    }};
    const std::uint32_t kind = info >> 24 & 31;
    return kind == 0 || kind >= shapes.size() ? nullptr : &shapes[kind];
}

std::uint32_t type_words(const TypeShape& shape, std::uint32_t info) {
    return head_words + shape.item_words * (shape.is_list ? info & 0xffff : 1);
}

std::optional<TypeTablePlace> read_type_header(Reader& image, std::uint32_t header_at) {
    std::array<std::uint8_t, header_bytes> header{};
    if (!image.read(header_at, header)) return std::nullopt;
    const auto word = [&](std::size_t at) { return std::uint64_t{load_le<std::uint32_t>(header, at)}; };
    const std::uint64_t base = header_at + word(4);
    const std::uint64_t types = base + word(8), strings = base + word(16);
    if (word(0) != magic || types + word(12) > image.bytes() || strings + word(20) > image.bytes()) return std::nullopt;
    if (word(12) > TypeTable::most_bytes || types % 4 != 0) return std::nullopt;
    return TypeTablePlace{header_at, static_cast<std::uint32_t>(types), static_cast<std::uint32_t>(word(12)),
                          static_cast<std::uint32_t>(strings), static_cast<std::uint32_t>(word(20))};
}

std::optional<TypeTablePlace> find_type_table(Bytes image) {
    std::optional<TypeTablePlace> largest;
    MemoryReader reader(image);
    for (std::size_t at = 0; at + header_bytes <= image.size(); at += 4) {
        if (load_le<std::uint32_t>(image.subspan(at, 4)) != magic) continue;
        const auto found = read_type_header(reader, static_cast<std::uint32_t>(at));
        if (found && (!largest || found->types_bytes > largest->types_bytes)) largest = found;
    }
    return largest;
}

TypeTable::TypeTable(Reader& image, const TypeTablePlace& place, const std::function<void(std::uint32_t at)>& begins)
    : place_(place), words_(place.types_bytes / 16 + 1) {
    WordReader in(image, place.types_at, place.types_at + place.types_bytes);
    while (in.left() >= head_words) {
        if (begins) begins(in.at());
        set(in.at(), TypeWord::name);
        static_cast<void>(in.next());
        const std::uint32_t info = in.next();
        const TypeShape* const shape = shape_of(info);
        if (shape == nullptr) return;
        set(in.at(), shape->third);
        static_cast<void>(in.next());
        const std::uint32_t items = type_words(*shape, info) - head_words;
        if (items > in.left()) return;
        for (std::uint32_t k = 0; k < items; ++k) {
            set(in.at(), shape->item[k % shape->item_words]);
            static_cast<void>(in.next());
        }
    }
}

void TypeTable::set(std::uint32_t at, TypeWord word) {
    const std::uint32_t index = (at - place_.types_at) / 4;
    words_[index / 4] = static_cast<std::uint8_t>(words_[index / 4] | static_cast<unsigned>(word) << index % 4 * 2);
}

}  // namespace sb::diff
