// core/delta/sbd: what follows the source pointer: it knows where instructions of the source begin, finds address
// fields there, has their keys mapped, and holds what the field must then look like in the new image.
#pragma once

#include <bit>
#include <type_traits>

#include "core/delta/sbd/tables.hpp"
#include "core/delta/sbd/wanted.hpp"

namespace sb::sbd {

/// The architectures that are linked. The one that a patch names is chosen at run time.
template <class... Architectures>
struct FieldSet {
    /// Whether there are fields of 8 bytes.
    static constexpr bool wide = (Architectures::wide || ...);
    /// The bytes of a field as a number, little endian.
    using Raw = std::conditional_t<wide, std::uint64_t, std::uint32_t>;

    [[nodiscard]] static constexpr bool has(Architecture wanted) {
        return wanted == Architecture::none || ((wanted == Architectures::id) || ...);
    }

    // Where an architecture `on` is asked for, it is one of the set: has() refused all others.

    template <class Source>
    [[gnu::always_inline]] static Field find(Architecture on, Source& source, const Spaces& spaces, Side side,
                                             std::uint32_t at, std::uint32_t position) {
        return choose<Architectures...>(
            on, [&](auto chosen) { return decltype(chosen)::find(source, spaces, side, at, position); });
    }

    static Raw encode(Architecture on, const Spaces& spaces, const Field& field, Raw raw, std::uint32_t key,
                      std::uint32_t position) {
        return static_cast<Raw>(choose<Architectures...>(
            on, [&](auto chosen) { return decltype(chosen)::encode(spaces, field, raw, key, position); }));
    }

    template <class Source>
    static std::uint32_t instruction_bytes(Architecture on, Source& source, std::uint32_t at) {
        return choose<Architectures...>(on,
                                        [&](auto chosen) { return decltype(chosen)::instruction_bytes(source, at); });
    }

    /// Also where there is no architecture.
    template <class Source>
    static std::uint32_t instruction_class(Architecture on, Source& source, std::uint32_t at, std::uint32_t start,
                                           std::uint32_t next, std::uint32_t new_at) {
        if (on == Architecture::none) return at == 0 ? 0U : source.byte(at - 1) * 37U / 4 % class_count;
        return choose<Architectures...>(
            on, [&](auto chosen) { return decltype(chosen)::instruction_class(source, at, start, next, new_at); });
    }

    [[nodiscard]] static std::uint32_t alignment(Architecture on) {
        return choose<Architectures...>(on, [](auto chosen) { return decltype(chosen)::alignment; });
    }

    [[nodiscard]] static bool tracks_instructions(Architecture on) {
        return choose<Architectures...>(on, [](auto chosen) { return decltype(chosen)::tracks_instructions; });
    }

private:
    /// What `use` answers for one of them. The last one needs no comparison.
    template <class First, class... Rest, class Use>
    [[gnu::always_inline]] static auto choose(Architecture on, const Use& use) {
        if constexpr (sizeof...(Rest) != 0)
            if (on != First::id) return choose<Rest...>(on, use);
        return use(First{});
    }
};

/// Images as the walker sees them.
struct Ground {
    Architecture architecture = Architecture::none;
    Spaces spaces{};
    [[nodiscard]] std::uint32_t old_bytes() const { return spaces.image_bytes[0]; }
    [[nodiscard]] std::uint32_t new_bytes() const { return spaces.image_bytes[1]; }
};

static_assert(nowhere == unknown_start);

/// Where the model stands: what it looks at, the byte that is made next, and the one it is predicted from.
template <class Source>
struct Place {
    Source& source;
    const Ground& ground;
    Tables& tables;
    std::uint32_t new_at;
    std::uint32_t at;

    void make(std::uint8_t byte) {
        source.put(new_at++, byte);
        ++at;
    }
};

template <class Fields>
class Walker {
public:
    Walker() { reset(); }

    void reset() {
        drop();
        start_ = nowhere;
        next_ = 0;
        missed_ = false;
    }

    [[nodiscard]] bool in_field() const { return field_.kind != FieldKind::none; }
    [[nodiscard]] const Field& field() const { return field_; }
    [[nodiscard]] std::uint32_t index() const { return index_; }
    [[nodiscard]] Confidence confidence() const { return confidence_; }
    [[nodiscard]] bool missed() const { return missed_; }
    [[nodiscard]] std::uint8_t predicted() const { return predicted_[index_]; }
    [[nodiscard]] std::uint32_t start() const { return start_; }
    [[nodiscard]] std::uint32_t next() const { return next_; }

    /// A byte of the field is not as predicted; `rewritten`: and the prediction was not the source's byte.
    void miss(bool rewritten) { missed_ = missed_ || (rewritten && in_field()); }
    /// For encoders, which know where instructions begin: one does, or none, at `at`.
    void stand_at(std::uint32_t at) {
        start_ = at;
        next_ = at + 1;
    }
    void stand_inside(std::uint32_t at) {
        start_ = at - 1;
        next_ = at + 1;
    }
    /// The source pointer goes elsewhere.
    void drop() {
        field_ = {};
        index_ = 0;
    }

    /// Looks for a field at `place`. Requires: not in a field.
    template <class Source>
    void look(const Place<Source>& place) {
        const Ground& ground = place.ground;
        const std::uint32_t at = place.at, new_at = place.new_at;
        const std::uint32_t unaligned = Fields::alignment(ground.architecture) - 1;
        const bool self = at >= ground.old_bytes();
        const std::uint32_t position = self ? at - ground.old_bytes() : at;
        if (ground.architecture == Architecture::none || ((new_at | position) & unaligned) != 0) return;
        if (!at_instruction(place, (position | new_at) % 4 == 0)) return;
        const Field found = find(place, at);
        if (found.bytes == 0) return;
        if (word_only_ && (found.bytes != 4 || found.kind == FieldKind::code)) return;
        start_ = at;
        next_ = at + found.bytes;
        // a word that is a pointer is one at multiples of four only
        if (found.form == word_form && ((new_at ^ position) & 3U) != 0) return;
        take(place, found, self);
    }

    /// One byte of the field, or the one without a field, has been made. True when a field is complete.
    bool advance() { return in_field() && ++index_ == field_.bytes; }

    /// Learns where the key of a complete field went; `place` is behind it. Then forgets the field.
    template <class Source>
    void finish(const Place<Source>& place) {
        const bool worth = missed_ || confidence_ < Confidence::in_block || confidence_ == Confidence::unmapped;
        if (learns_ && worth) {
            const Field made = find(place, place.ground.old_bytes() + place.new_at - field_.bytes);
            if (made.bytes == field_.bytes && made.kind == field_.kind && made.form == field_.form)
                place.tables.map.learned().learn(field_.key, made.key - field_.key);
        }
        drop();
    }

private:
    /// The field at `at` of old image ++ new image.
    template <class Source>
    [[gnu::noinline]] static Field find(const Place<Source>& place, std::uint32_t at) {
        const Ground& ground = place.ground;
        const bool self = at >= ground.old_bytes();
        return Fields::find(ground.architecture, place.source, ground.spaces, self ? Side::new_image : Side::old_image,
                            at, self ? at - ground.old_bytes() : at);
    }

    /// Follows the instructions of the source; false inside of one, unless it may be a word of data.
    template <class Source>
    bool at_instruction(const Place<Source>& place, bool word_aligned) {
        const std::uint32_t at = place.at;
        word_only_ = false;
        if (!Fields::tracks_instructions(place.ground.architecture) || at == start_) return true;
        if (at >= next_ || next_ - at > 2 || start_ == nowhere) {
            start_ = at;
            next_ = at + Fields::instruction_bytes(place.ground.architecture, place.source, at);
            return true;
        }
        word_only_ = true;
        return word_aligned;
    }

    // Inlined: it is called in one place, and would take more bytes to call.
    template <class Source>
    [[gnu::always_inline]] void take(const Place<Source>& place, const Field& found, bool self) {
        const Ground& ground = place.ground;
        Mapped to{found.key, Confidence::unmapped};
        learns_ = !self && ground.spaces.may_move(found.key);
        if (learns_) to = place.tables.map.map(found.key);
        if (found.near && to.confidence != Confidence::exact) to.confidence = Confidence::unmapped;
        // a branch of which nothing is known goes as far as it did
        if (to.confidence == Confidence::unmapped && !self && found.kind == FieldKind::code)
            to.key = found.key + (place.new_at - place.at);
        typename Fields::Raw raw = place.source.word(place.at);
        if constexpr (Fields::wide) raw |= static_cast<std::uint64_t>(place.source.word(place.at + 4)) << 32;
        const auto made = Fields::encode(ground.architecture, ground.spaces, found, raw, to.key, place.new_at);
        if constexpr (std::endian::native == std::endian::little)
            std::memcpy(predicted_.data(), &made, sizeof made);
        else
            store_le(predicted_, 0, made);
        field_ = found;
        index_ = 0;
        confidence_ = to.confidence;
        missed_ = false;
    }

    Field field_;
    std::uint32_t start_;
    std::uint32_t next_;
    alignas(4) std::array<std::uint8_t, sizeof(typename Fields::Raw)> predicted_;
    std::uint8_t index_;
    Confidence confidence_;
    bool missed_;
    bool learns_;
    bool word_only_;
};

}  // namespace sb::sbd
