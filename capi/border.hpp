// capi: what stands between C and core: results, memory that a caller gives, objects in opaque state. Everything that
// comes over the border is looked at here before core sees it.
#pragma once

#include <new>
#include <utility>

#include "capi/switchback.h"
#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb::capi {

[[nodiscard]] constexpr switchback_result to_c(Error error) {
    return static_cast<switchback_result>(error);
}
[[nodiscard]] inline switchback_result to_c(const Result<void>& result) {
    return result ? SWITCHBACK_OK : to_c(result.error());
}

/// What a callback answered. Numbers that are no result of core's, BAD_ARGUMENT among them, are Error::io.
[[nodiscard]] Result<void> from_callback(int answer);

inline constexpr std::size_t memory_alignment = 8;
[[nodiscard]] inline bool is_aligned(const void* memory, std::size_t alignment = memory_alignment) {
    return reinterpret_cast<std::uintptr_t>(memory) % alignment == 0;
}
/// Whether `memory` may be read or written so far: null only without bytes, and no end beyond the address space.
[[nodiscard]] inline bool is_range(const void* memory, std::size_t bytes) {
    return bytes == 0 || (memory != nullptr && bytes - 1 <= UINTPTR_MAX - reinterpret_cast<std::uintptr_t>(memory));
}
[[nodiscard]] inline bool is_work_memory(const void* memory, std::size_t bytes) {
    return is_range(memory, bytes) && is_aligned(memory);
}
[[nodiscard]] inline Bytes bytes_of(const void* data, std::size_t bytes) {
    return bytes == 0 ? Bytes() : Bytes(static_cast<const std::uint8_t*>(data), bytes);
}
[[nodiscard]] inline MutableBytes bytes_of(void* data, std::size_t bytes) {
    return bytes == 0 ? MutableBytes() : MutableBytes(static_cast<std::uint8_t*>(data), bytes);
}

/// An object of type T in the opaque state of type Opaque, behind a word that says that it is there. Memory that was
/// never begun holds another word: all zeros as a static variable, or what happens to stand there.
template <class T, class Opaque, std::uint32_t mark>
class Housed {
    struct House {
        std::uint32_t word;
        alignas(T) unsigned char room[sizeof(T)];
    };
    // Nothing is destroyed: memory is the caller's, and begun anew at will.
    static_assert(alignof(House) <= alignof(Opaque));
    static_assert(sizeof(House) <= sizeof(Opaque), "the published size is too small");
    static_assert(sizeof(Opaque) - sizeof(House) < 128, "the published size is much too large");

public:
    [[nodiscard]] static bool has_room(const Opaque* at) { return at != nullptr && is_aligned(at, alignof(Opaque)); }

    /// Requires: has_room(at).
    template <class... Arguments>
    static T& begin(Opaque* at, Arguments&&... arguments) {
        auto* const house = static_cast<House*>(static_cast<void*>(at));
        house->word = mark;
        return *new (house->room) T(std::forward<Arguments>(arguments)...);
    }

    /// The object, or null where none was begun.
    [[nodiscard]] static T* find(Opaque* at) {
        if (!has_room(at)) return nullptr;
        auto* const house = static_cast<House*>(static_cast<void*>(at));
        if (house->word != mark) return nullptr;
        return std::launder(static_cast<T*>(static_cast<void*>(house->room)));
    }
    [[nodiscard]] static const T* find(const Opaque* at) { return find(const_cast<Opaque*>(at)); }

    /// From now on there is none.
    static void end(Opaque* at) { static_cast<House*>(static_cast<void*>(at))->word = 0; }
};

}  // namespace sb::capi
