#include "core/delta/sbd/plan.hpp"

#include "core/delta/sbd/range_decoder.hpp"

namespace sb::sbd {
namespace {

/// Reads the preamble's numbers; errors stick, and everything after one is 0.
class PreambleReader {
public:
    explicit PreambleReader(Bytes in) : in_(in) {}

    std::uint8_t byte() {
        if (at_ == in_.size()) {
            ok_ = false;
            return 0;
        }
        return in_[at_++];
    }
    /// Seven bits a byte, lowest first; bit 7: there is more. At most five bytes.
    std::uint32_t varint() {
        std::uint32_t value = 0;
        for (std::uint32_t shift = 0; shift < 35; shift += 7) {
            const std::uint8_t next = byte();
            if (shift == 28 && next > 15) break;
            value |= static_cast<std::uint32_t>(next & 0x7fU) << shift;
            if (next < 0x80) return value;
        }
        ok_ = false;
        return 0;
    }
    /// 0, -1, 1, -2 … as 0, 1, 2, 3 …; modulo 2^32.
    std::uint32_t difference() {
        const std::uint32_t value = varint();
        return value >> 1 ^ (0U - (value & 1U));
    }
    /// A number that often ends in many zero bits: how many, then the rest.
    std::uint32_t round() {
        const std::uint8_t zeros = byte();
        return varint() << zeros % 32;
    }
    template <std::size_t N>
    void bytes(std::array<std::uint8_t, N>& to) {
        for (std::uint8_t& b : to) b = byte();
    }
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] Bytes rest() const { return in_.subspan(at_); }

private:
    Bytes in_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

/// Images without a table of segments are loaded whole, and what is usual lies behind them.
Result<AddressSpace> whole_image(Arena& arena, std::uint32_t address, std::uint32_t image_bytes,
                                 const UsualSpaces& usual) {
    const std::span<LoadSegment> segment = arena.take<LoadSegment>(1);
    if (segment.empty()) return fail(Error::too_large);
    segment[0] = {0, address, image_bytes + usual.behind_image};
    return AddressSpace(segment);
}

/// The load segments of one image: the gap to the one before, address, size; where the other image has such a segment,
/// what address and size differ from it.
Result<AddressSpace> read_segments(PreambleReader& in, Arena& arena, std::uint32_t count, std::uint32_t image_bytes,
                                   const AddressSpace& other) {
    if (count > max_segments_a_side) return fail(Error::malformed);
    const std::span<LoadSegment> segments = arena.take<LoadSegment>(count);
    if (segments.size() != count) return fail(Error::too_large);
    std::uint32_t end = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        LoadSegment& segment = segments[i];
        segment.offset = end + in.difference();
        if (i < other.segments().size()) {
            segment.address = other.segments()[i].address + in.difference();
            segment.bytes = other.segments()[i].bytes + in.difference();
        } else {
            segment.address = in.round();
            segment.bytes = image_bytes - segment.offset + in.difference();
        }
        end = segment.offset + segment.bytes;
    }
    return AddressSpace(segments);
}

Result<void> read_ground(PreambleReader& in, std::uint8_t flags, Arena& arena, Ground& to) {
    to.architecture = static_cast<Architecture>(flags & architecture_mask);
    if (to.architecture == Architecture::none) return {};
    const UsualSpaces usual = usual_spaces(to.architecture);
    Spaces& spaces = to.spaces;
    spaces.ram_address = usual.ram_address;
    spaces.ram_bytes = usual.ram_bytes;
    if ((flags & own_spaces) == 0) {
        const std::uint32_t base = in.round();
        SB_TRY_ASSIGN(spaces.of[0], whole_image(arena, base, to.old_bytes(), usual));
        SB_TRY_ASSIGN(spaces.of[1], whole_image(arena, base, to.new_bytes(), usual));
    } else {
        spaces.ram_address = in.round();
        spaces.ram_bytes = in.round();
        const std::uint32_t of_old = in.varint(), of_new = in.varint();
        SB_TRY_ASSIGN(spaces.of[0], read_segments(in, arena, of_old, to.old_bytes(), {}));
        SB_TRY_ASSIGN(spaces.of[1], read_segments(in, arena, of_new, to.new_bytes(), spaces.of[0]));
    }
    if (to.architecture == Architecture::riscv) {
        spaces.global_pointer[0] = in.round();
        spaces.global_pointer[1] = spaces.global_pointer[0] + in.difference();
    }
    return in.ok() ? Result<void>{} : fail(Error::truncated);
}

Result<std::span<const MapBlock>> read_blocks(PreambleReader& in, const Ground& ground, Arena& arena) {
    const std::uint32_t count = in.varint();
    if (!in.ok() || count > BlockMap::max_blocks) return fail(Error::malformed);
    const std::span<MapBlock> blocks = arena.take<MapBlock>(count);
    if (blocks.size() != count) return fail(Error::too_large);
    Arena later = arena;
    const std::span<MapModel> model = later.take<MapModel>(1);
    if (model.empty()) return fail(Error::too_large);

    Bytes coded = in.rest();
    RangeDecoder coder;
    coder.begin(static_cast<std::uint32_t>(coded.size()));
    std::uint32_t end = 0, moved_by = 0;
    for (MapBlock& block : blocks) {
        coded = coded.subspan(coder.feed(coded));
        block = model[0].code(coder, {}, end, moved_by);
        end = block.new_at + block.bytes;
        if (block.new_at > ground.new_bytes() || block.bytes > ground.new_bytes() - block.new_at ||
            block.old_at > ground.old_bytes() || block.bytes > ground.old_bytes() - block.old_at)
            return fail(Error::malformed);
        moved_by = block.moved_by();
    }
    return blocks;
}

Result<void> read_numbers(PreambleReader& in, std::uint8_t kind, Plan& plan) {
    plan.flags = in.byte();
    auto& sizes = plan.ground.spaces.image_bytes;
    sizes[0] = in.varint();
    sizes[1] = sizes[0] + in.difference();
    in.bytes(plan.old_digest);
    in.bytes(plan.new_digest);
    if ((kind & has_segments) != 0) plan.segment_bytes = in.varint();
    if ((plan.flags & in_place) != 0) {
        plan.shift_bytes = in.varint();
        plan.erase_bytes = in.varint();
    }
    if ((plan.flags & in_blocks) != 0) plan.pace.block_bytes = in.byte();
    plan.learned = (kind & own_learned) != 0 ? in.byte() : shares_of(plan.budget).learned;
    if (!in.ok()) return fail(Error::truncated);
    // images share a key's 31 bits; a segment that is too small has no use
    const bool sane = sizes[0] < outside_bit && sizes[1] < outside_bit && plan.erase_bytes != 0 &&
                      plan.erase_bytes < outside_bit && plan.shift_bytes < outside_bit &&
                      (plan.segment_bytes == 0 || plan.segment_bytes >= min_segment_bytes) &&
                      plan.segment_bytes < outside_bit && std::uint64_t{sizes[0]} + sizes[1] < nowhere;
    return sane ? Result<void>{} : fail(Error::malformed);
}

}  // namespace

UsualSpaces usual_spaces(Architecture architecture) {
    switch (architecture) {
        // some RAM stands right below 0x20000000
        case Architecture::thumb:
            return {0x1fff0000, 0x110000, 0x1000};
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

Result<std::uint32_t> preamble_bytes(Bytes patch) {
    if (patch.size() < fixed_bytes) return fail(Error::truncated);
    if (!equal(patch.first(magic.size()), magic)) return fail(Error::malformed);
    if (patch[2] >> 4 != version) return fail(Error::unsupported);
    PreambleReader in(patch.subspan(3, 2));
    const std::uint32_t bytes = in.varint();
    if (!in.ok()) return fail(Error::too_large);
    const std::uint32_t all = 3 + (bytes < 0x80 ? 1 : 2) + bytes;
    if (bytes == 0 || all > max_preamble_bytes) return fail(Error::too_large);
    return all;
}

Result<Tables> share_out(Arena& arena, const Plan& plan, std::span<const MapBlock> blocks) {
    const auto keys = arena.take<std::uint32_t>(plan.learned);
    const auto moved_by = arena.take<std::uint32_t>(plan.learned);
    const std::size_t bytes = plan.learned + blocks.size();
    if (keys.size() != plan.learned || moved_by.size() != plan.learned || arena.left() < bytes)
        return fail(Error::too_large);
    const std::size_t cells = std::min<std::size_t>((arena.left() - bytes) / sizeof(Cell), 0xffff);
    const std::size_t hit_cells = cells * shares_of(plan.budget).hit_sixteenths / 16;
    if (hit_cells == 0) return fail(Error::too_large);
    Tables tables;
    tables.hit_cells = arena.take<Cell>(hit_cells);
    tables.byte_cells = arena.take<Cell>(cells - hit_cells);
    const auto ages = arena.take<std::uint8_t>(plan.learned);
    const auto order = arena.take<std::uint8_t>(blocks.size());
    tables.map = AddressMap(LearnedKeys(keys.data(), moved_by.data(), ages.data(), plan.learned),
                            BlockMap(blocks, order.data()));
    return tables;
}

Result<void> prepare(Bytes preamble, MutableBytes memory, Prepared& to) {
    SB_TRY_ASSIGN(const std::uint32_t bytes, preamble_bytes(preamble));
    if (bytes != preamble.size()) return fail(Error::malformed);
    Plan& plan = to.plan;
    plan = {};
    plan.budget = static_cast<Budget>(preamble[2] & 3U);
    if (memory.size() < arena_bytes(plan.budget)) return fail(Error::too_large);
    Arena arena(memory.first(arena_bytes(plan.budget)));
    PreambleReader in(preamble.subspan(3));
    static_cast<void>(in.varint());
    SB_TRY(read_numbers(in, preamble[2], plan));
    if ((plan.flags & stored) != 0) return {};
    SB_TRY(read_ground(in, plan.flags, arena, plan.ground));
    SB_TRY_ASSIGN(const auto blocks, read_blocks(in, plan.ground, arena));
    SB_TRY_ASSIGN(to.tables, share_out(arena, plan, blocks));
    return {};
}

}  // namespace sb::sbd
