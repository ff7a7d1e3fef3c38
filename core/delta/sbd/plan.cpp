#include "core/delta/sbd/plan.hpp"

#include "core/delta/sbd/range_decoder.hpp"

namespace sb::sbd {
namespace {

/// Reads the preamble's numbers. Behind the end, and after a number that is too long, all is 0 and not ok.
class PreambleReader {
public:
    explicit PreambleReader(Bytes in) : in_(in) {}

    std::uint32_t byte() {
        if (in_.empty()) {
            ok_ = false;
            return 0;
        }
        const std::uint8_t first = in_[0];
        in_ = in_.subspan(1);
        return first;
    }
    /// Seven bits a byte, lowest first; bit 7: there is more. At most five bytes.
    std::uint32_t varint() {
        std::uint32_t value = 0;
        for (std::uint32_t shift = 0; shift < 35; shift += 7) {
            const std::uint32_t next = byte();
            value |= (next & 0x7fU) << shift;
            if (next < 0x80) return value;
        }
        ok_ = false;
        return 0;
    }
    /// 0, -1, 1, -2 … as 0, 1, 2, 3 …; modulo 2^32.
    [[gnu::noinline]] std::uint32_t difference() {
        const std::uint32_t value = varint();
        return value >> 1 ^ (0U - (value & 1U));
    }
    /// A number that often ends in many zero bits: how many, then the rest.
    [[gnu::noinline]] std::uint32_t round() {
        const std::uint32_t zeros = byte();
        return varint() << zeros % 32;
    }
    void bytes(MutableBytes to) {
        for (std::uint8_t& b : to) b = static_cast<std::uint8_t>(byte());
    }
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] Bytes rest() const { return in_; }

private:
    Bytes in_;
    bool ok_ = true;
};

class PlanReader {
public:
    PlanReader(PreambleReader& in, Arena& arena, Prepared& to) : in_(in), arena_(arena), plan_(to.plan), to_(to) {}

    /// False when something is wrong or too large.
    bool read(std::uint32_t kind) {
        read_numbers(kind);
        if (!sane()) return false;
        if ((plan_.flags & stored) != 0) return in_.ok() && in_.rest().empty();
        if (plan_.ground.architecture != Architecture::none) read_spaces();
        const std::span<MapBlock> blocks = arena_.take<MapBlock>(in_.byte());
        return in_.ok() && arena_.ok() && read_blocks(blocks) && share_out(arena_, plan_, blocks, to_.tables);
    }

private:
    void read_numbers(std::uint32_t kind) {
        plan_.budget = static_cast<Budget>(kind & 3U);
        plan_.flags = static_cast<std::uint8_t>(in_.byte());
        plan_.ground.architecture = static_cast<Architecture>(plan_.flags & architecture_mask);
        auto& sizes = plan_.ground.spaces.image_bytes;
        sizes[0] = in_.varint();
        sizes[1] = sizes[0] + in_.difference();
        in_.bytes(plan_.old_digest);
        in_.bytes(plan_.new_digest);
        plan_.segment_bytes = (kind & has_segments) != 0 ? in_.varint() : 0;
        plan_.erase_bytes = 1;
        if ((plan_.flags & in_place) != 0) {
            plan_.shift_bytes = in_.varint();
            plan_.erase_bytes = 1U << (in_.byte() & 31U);
        }
        if ((plan_.flags & in_blocks) != 0) {
            const std::uint32_t pace = in_.byte();
            plan_.pace.block_bytes = 1U << (pace & 15U);
            plan_.pace.block_run = 1U << (pace >> 4);
        }
        plan_.learned =
            static_cast<std::uint8_t>((kind & own_learned) != 0 ? in_.byte() : shares_of(plan_.budget).learned);
    }

    /// Images share a key's 31 bits; a segment that is too small has no use; and in place one that ends inside an erase
    /// unit could not be decoded again.
    [[nodiscard]] bool sane() const {
        const auto& sizes = plan_.ground.spaces.image_bytes;
        const bool small =
            ((sizes[0] | sizes[1] | plan_.segment_bytes | plan_.shift_bytes | plan_.erase_bytes) >> 30) == 0;
        return in_.ok() && small && (plan_.segment_bytes == 0 || plan_.segment_bytes >= min_segment_bytes) &&
               (plan_.segment_bytes & (plan_.erase_bytes - 1)) == 0;
    }

    void read_spaces() {
        Spaces& spaces = plan_.ground.spaces;
        const UsualSpaces usual = usual_spaces(plan_.ground.architecture);
        const bool own = (plan_.flags & own_spaces) != 0;
        spaces.ram_address = own ? in_.round() : usual.ram_address;
        spaces.ram_bytes = own ? in_.round() : usual.ram_bytes;
        const std::uint32_t base = own ? 0 : in_.round();
        const std::uint32_t of_old = own ? in_.byte() : 1, of_new = own ? in_.byte() : 1;
        if (of_old > max_segments_a_side || of_new > max_segments_a_side) return fail_arena();
        std::span<LoadSegment> segments = arena_.take<LoadSegment>(of_old + of_new);
        if (!arena_.ok()) return;
        for (std::uint32_t i = 0; i < of_old + of_new; ++i) {
            const bool newer = i >= of_old;
            const std::uint32_t image_bytes = spaces.image_bytes[newer ? 1 : 0];
            if (!own)
                segments[i] = {0, base, image_bytes + usual.behind_image};
            else
                read_segment(segments, i, newer ? of_old : 0, image_bytes);
        }
        spaces.of[0] = AddressSpace(segments.first(of_old));
        spaces.of[1] = AddressSpace(segments.subspan(of_old));
        if (plan_.ground.architecture == Architecture::riscv) {
            spaces.global_pointer[0] = in_.round();
            spaces.global_pointer[1] = spaces.global_pointer[0] + in_.difference();
        }
    }

    /// The gap to the one before, address, size; of the new image, as far as the old one has such segments: what
    /// address and size differ from theirs.
    void read_segment(std::span<LoadSegment> all, std::uint32_t i, std::uint32_t first, std::uint32_t image_bytes) {
        LoadSegment& segment = all[i];
        segment.offset = (i == first ? 0 : all[i - 1].offset + all[i - 1].bytes) + in_.difference();
        if (first != 0 && i < 2 * first) {
            segment.address = all[i - first].address + in_.difference();
            segment.bytes = all[i - first].bytes + in_.difference();
        } else {
            segment.address = in_.round();
            segment.bytes = image_bytes - segment.offset + in_.difference();
        }
    }

    bool read_blocks(std::span<MapBlock> blocks) {
        Arena later = arena_;  // the numbers' model stands where the tables will be
        const std::span<MapModel> model = later.take<MapModel>(1);
        if (!later.ok()) return false;
        const std::uint32_t old_bytes = plan_.ground.old_bytes(), new_bytes = plan_.ground.new_bytes();
        Bytes coded = in_.rest();
        RangeDecoder coder;
        coder.begin(static_cast<std::uint32_t>(coded.size()));
        std::uint32_t end = 0, moved_by = 0;
        coded = coded.subspan(coder.feed(coded));
        if (!blocks.empty()) coder.start();
        for (MapBlock& block : blocks) {
            coded = coded.subspan(coder.feed(coded));
            block = model[0].code(coder, {}, end, moved_by);
            if (block.new_at < end || block.new_at > new_bytes || block.bytes > new_bytes - block.new_at ||
                block.old_at > old_bytes || block.bytes > old_bytes - block.old_at)
                return false;
            end = block.new_at + block.bytes;
            moved_by = block.moved_by();
        }
        std::memset(static_cast<void*>(model.data()), 0, model.size_bytes());
        return coder.used_up();
    }

    void fail_arena() { static_cast<void>(arena_.take<std::uint8_t>(0xffffffff)); }

    PreambleReader& in_;
    Arena& arena_;
    Plan& plan_;
    Prepared& to_;
};

}  // namespace

UsualSpaces usual_spaces(Architecture architecture) {
    switch (architecture) {
        case Architecture::thumb:
            return {0x1fff0000, 0x110000, 0x1000};  // some RAM stands right below 0x20000000
        case Architecture::a64:
            return {0, 0, 0x40000};
        case Architecture::xtensa:
            return {0x3fc00000, 0x400000, 0x1000};
        case Architecture::riscv:
            return {0x3fc80000, 0x80000, 0x40000};
        case Architecture::avr:
            return {0, 0x10000, 0x1000};
        case Architecture::tc32:
            return {0x840000, 0x20000, 0x1000};
        default:
            return {0, 0, 0};
    }
}

std::uint8_t* Arena::take_bytes(std::uint32_t bytes) {
    if (bytes > left_.size()) {
        ok_ = false;
        return nullptr;
    }
    std::uint8_t* const first = left_.data();
    left_ = left_.subspan(bytes);
    return first;
}

Result<std::uint32_t> preamble_bytes(Bytes patch) {
    if (patch.size() < fixed_bytes) return fail(Error::truncated);
    if (!equal(patch.first(magic.size()), magic)) return fail(Error::malformed);
    if (patch[2] >> 4 != version) return fail(Error::unsupported);
    PreambleReader in(patch.subspan(3, 2));
    const std::uint32_t bytes = in.varint();
    const std::uint32_t all = 3 + (bytes < 0x80 ? 1 : 2) + bytes;
    if (!in.ok() || bytes == 0 || all > max_preamble_bytes) return fail(Error::too_large);
    return all;
}

bool share_out(Arena& arena, const Plan& plan, std::span<const MapBlock> blocks, Tables& to) {
    const std::uint32_t learned = plan.learned;
    const auto keys = arena.take<std::uint32_t>(learned);
    const auto moved_by = arena.take<std::uint32_t>(learned);
    if (!arena.ok() || arena.left() < 64) return false;
    std::uint32_t cells = arena.left();
    if (cells > 0xffff) cells = 0xffff;
    const std::uint32_t hit_cells = cells * shares_of(plan.budget).hit_sixteenths / 16;
    to.hit_cells = arena.take<History>(hit_cells);
    to.byte_cells = arena.take<History>(cells - hit_cells);
    to.map = AddressMap(LearnedKeys(keys.data(), moved_by.data(), learned), BlockMap(blocks));
    return true;
}

Result<void> prepare(Bytes preamble, MutableBytes memory, Prepared& to) {
    SB_TRY_ASSIGN(const std::uint32_t bytes, preamble_bytes(preamble));
    const std::uint32_t arena_size = arena_bytes(static_cast<Budget>(preamble[2] & 3U));
    if (bytes != preamble.size()) return fail(Error::malformed);
    if (memory.size() < arena_size) return fail(Error::too_large);
    Arena arena(memory.first(arena_size));
    PreambleReader in(preamble.subspan(3));
    static_cast<void>(in.varint());
    return PlanReader(in, arena, to).read(preamble[2]) ? Result<void>{} : fail(Error::malformed);
}

}  // namespace sb::sbd
