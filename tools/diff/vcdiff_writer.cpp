#include "tools/diff/vcdiff_writer.hpp"

#include <stdexcept>

#include "core/delta/vcdiff_cache.hpp"

namespace sb::diff {
namespace {

using Kind = VcdiffStep::Kind;

/// How the address of a copy is written.
struct Address {
    unsigned mode = vcdiff_mode_self;
    std::uint32_t value = 0;
    [[nodiscard]] unsigned bytes() const { return mode >= vcdiff_mode_same ? 1 : base128_bytes(value); }
};

/// An instruction with all that it carries.
struct Spelled {
    Kind kind;
    std::size_t bytes;
    Address address;
    Bytes data;
};

Address shortest(const VcdiffCache& cache, std::uint32_t address, std::uint32_t here) {
    const std::uint32_t place = address % vcdiff_same_cells;
    if (cache.same(place) == address) return {vcdiff_mode_same + place / 256, place % 256};
    Address best{vcdiff_mode_self, address};
    const auto consider = [&](Address other) {
        if (other.bytes() < best.bytes()) best = other;
    };
    consider({vcdiff_mode_here, here - address});
    for (unsigned i = 0; i < vcdiff_near; ++i)
        if (address >= cache.near(i)) consider({vcdiff_mode_near + i, address - cache.near(i)});
    return best;
}

/// The code of a copy with its size in it; size 0: the size follows.
std::uint8_t copy_code(unsigned mode, std::size_t bytes) {
    return static_cast<std::uint8_t>(19 + 16 * mode + (bytes == 0 ? 0 : bytes - 3));
}

bool small_copy(const Spelled& s) {
    return s.kind != Kind::add && s.kind != Kind::run && s.bytes >= 4 && s.bytes <= 18;
}

/// The code for both, or 0.
std::uint8_t pair_code(const Spelled& a, const Spelled& b) {
    if (a.kind == Kind::add && a.bytes <= 4 && small_copy(b)) {
        const unsigned mode = b.address.mode;
        const auto adds = static_cast<unsigned>(a.bytes) - 1;
        const auto copies = static_cast<unsigned>(b.bytes) - 4;
        if (mode < vcdiff_mode_same && copies < 3)
            return static_cast<std::uint8_t>(163 + 12 * mode + 3 * adds + copies);
        if (mode >= vcdiff_mode_same && copies == 0)
            return static_cast<std::uint8_t>(235 + 4 * (mode - vcdiff_mode_same) + adds);
    }
    if (b.kind == Kind::add && b.bytes == 1 && small_copy(a) && a.bytes == 4)
        return static_cast<std::uint8_t>(247 + a.address.mode);
    return 0;
}

class Speller {
public:
    Speller(bool interleaved, VcdiffBytes& to)
        : data_(to[interleaved ? 1 : 0]), instructions_(to[1]), addresses_(to[interleaved ? 1 : 2]) {}

    void put(const Spelled& s) {
        const bool copy = s.kind == Kind::copy_old || s.kind == Kind::copy_new;
        std::uint8_t code = 0;
        bool size_follows = true;
        if (copy) {
            size_follows = !small_copy(s);
            code = copy_code(s.address.mode, size_follows ? 0 : s.bytes);
        } else if (s.kind == Kind::add) {
            size_follows = s.bytes > 17;
            code = static_cast<std::uint8_t>(size_follows ? 1 : s.bytes + 1);
        }
        instructions_.push_back(code);
        if (size_follows) put_base128(instructions_, s.bytes);
        put_operand(s);
    }

    void put_pair(std::uint8_t code, const Spelled& a, const Spelled& b) {
        instructions_.push_back(code);
        put_operand(a);
        put_operand(b);
    }

private:
    void put_operand(const Spelled& s) {
        data_.insert(data_.end(), s.data.begin(), s.data.end());
        if (!s.data.empty()) return;
        if (s.address.mode >= vcdiff_mode_same)
            addresses_.push_back(static_cast<std::uint8_t>(s.address.value));
        else
            put_base128(addresses_, s.address.value);
    }

    std::vector<std::uint8_t>& data_;
    std::vector<std::uint8_t>& instructions_;
    std::vector<std::uint8_t>& addresses_;
};

}  // namespace

void put_base128(std::vector<std::uint8_t>& to, std::uint64_t value) {
    for (unsigned left = base128_bytes(value); left-- > 0;)
        to.push_back(static_cast<std::uint8_t>((value >> 7 * left & 0x7f) | (left != 0 ? 0x80 : 0)));
}

VcdiffBytes spell(Bytes new_image, const VcdiffFrame& frame, const VcdiffSteps& steps, const VcdiffSpelling& spelling,
                  bool interleaved) {
    std::array<std::uint8_t, vcdiff_large_cache_bytes> cells;
    VcdiffCache cache(cells);
    cache.clear();
    std::vector<Spelled> spelled;
    for (const VcdiffStep& step : steps) {
        Spelled s{step.kind, step.bytes, {}, {}};
        if (step.copies()) {
            const auto here = static_cast<std::uint32_t>(frame.here(step.new_at));
            const auto address = static_cast<std::uint32_t>(frame.address(step));
            s.address =
                spelling.by_distance ? Address{vcdiff_mode_here, here - address} : shortest(cache, address, here);
            if (!cache.remember(address)) throw std::length_error("an address beyond 4 GiB");
        } else {
            s.data = new_image.subspan(step.new_at, step.kind == Kind::run ? 1 : step.bytes);
        }
        spelled.push_back(s);
    }
    VcdiffBytes sections;
    Speller speller(interleaved, sections);
    for (std::size_t i = 0; i < spelled.size(); ++i) {
        const std::uint8_t code =
            spelling.pairs && i + 1 < spelled.size() ? pair_code(spelled[i], spelled[i + 1]) : std::uint8_t{0};
        if (code != 0)
            speller.put_pair(code, spelled[i], spelled[i + 1]);
        else
            speller.put(spelled[i]);
        i += code != 0;
    }
    return sections;
}

void put_vcdiff_header(std::vector<std::uint8_t>& to, std::uint8_t version, std::uint8_t secondary) {
    to.insert(to.end(), vcdiff_magic.begin(), vcdiff_magic.end());
    to.push_back(version);
    to.push_back(secondary != 0 ? vcdiff_has_secondary : 0);
    if (secondary != 0) to.push_back(secondary);
}

void put_vcdiff_window(std::vector<std::uint8_t>& to, std::uint8_t version, Bytes new_image, const VcdiffFrame& frame,
                       const VcdiffBytes& sections, unsigned packed) {
    const bool copies = frame.old_from != frame.old_end;
    const Bytes target = new_image.subspan(frame.new_from, frame.new_end - frame.new_from);
    std::vector<std::uint8_t> delta;
    put_base128(delta, target.size());
    delta.push_back(static_cast<std::uint8_t>(packed));
    for (const auto& section : sections) put_base128(delta, section.size());
    if (version == vcdiff_version_open) {
        put_base128(delta, adler32(0, target));
    } else {
        const std::uint32_t checksum = adler32(1, target);
        for (unsigned shift = 32; shift != 0; shift -= 8)
            delta.push_back(static_cast<std::uint8_t>(checksum >> (shift - 8)));
    }
    for (const auto& section : sections) delta.insert(delta.end(), section.begin(), section.end());
    to.push_back(static_cast<std::uint8_t>(vcdiff_has_checksum | (copies ? vcdiff_from_source : 0)));
    if (copies) {
        put_base128(to, frame.old_end - frame.old_from);
        put_base128(to, frame.old_from);
    }
    put_base128(to, delta.size());
    to.insert(to.end(), delta.begin(), delta.end());
}

}  // namespace sb::diff
