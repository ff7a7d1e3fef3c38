// tools/diff/sbd: tables of types in BPF Type Format, which make an eighth of a Linux kernel (facts:
// Documentation/bpf/btf.rst of Linux). Types are numbered and named by places in a table of strings; another build
// numbers and places them otherwise, so that nearly every word of such a table differs though no type has changed.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/base/reader.hpp"

namespace sb::diff {

/// What a word of a type is.
enum class TypeWord : std::uint8_t { other = 0, name = 1, type = 2 };

/// Where a table stands in an image. All in bytes from the image's beginning.
struct TypeTablePlace {
    std::uint32_t header_at = 0;
    std::uint32_t types_at = 0;
    std::uint32_t types_bytes = 0;
    std::uint32_t strings_at = 0;
    std::uint32_t strings_bytes = 0;
};

/// Reads the header of the table at `header_at`. None where there is none, or its parts do not lie in the image.
[[nodiscard]] std::optional<TypeTablePlace> read_type_header(Reader& image, std::uint32_t header_at);

/// The largest table of an image.
[[nodiscard]] std::optional<TypeTablePlace> find_type_table(Bytes image);

/// Which words of a table are names and types.
class TypeTable {
public:
    /// Larger tables are not taken: memory is a byte for 16 bytes of types.
    static constexpr std::uint32_t most_bytes = 1U << 24;

    /// Walks the types: of a damaged table, as far as that goes. `begins` is told where each one begins. Throws
    /// PatchError when reading fails.
    TypeTable(Reader& image, const TypeTablePlace& place, const std::function<void(std::uint32_t at)>& begins = {});

    /// Of the word at offset `at` of the image, which may be any.
    [[nodiscard]] TypeWord word(std::uint32_t at) const {
        const std::uint32_t index = (at - place_.types_at) / 4;
        if (at - place_.types_at >= place_.types_bytes || at % 4 != place_.types_at % 4) return TypeWord::other;
        return static_cast<TypeWord>(words_[index / 4] >> index % 4 * 2 & 3);
    }
    [[nodiscard]] const TypeTablePlace& place() const { return place_; }

private:
    void set(std::uint32_t at, TypeWord word);

    TypeTablePlace place_;
    std::vector<std::uint8_t> words_;  ///< two bits a word
};

/// How many words follow the three that each type begins with, in items of how many, and what they are.
struct TypeShape {
    TypeWord third = TypeWord::other;  ///< the type's third word
    bool is_list = false;              ///< as many items as the type says; else one
    std::uint8_t item_words = 0;
    TypeWord item[3] = {};
};
/// By the kind that a type's second word tells; none: unknown.
[[nodiscard]] const TypeShape* shape_of(std::uint32_t info);
/// Words of a whole type.
[[nodiscard]] std::uint32_t type_words(const TypeShape& shape, std::uint32_t info);

}  // namespace sb::diff
