#include "core/delta/sbd/plan.hpp"

#include "core/delta/sbd/preamble_reader.hpp"
#include "core/delta/sbd/range_decoder.hpp"

namespace sb::sbd {
namespace {

/// UsualSpaces in 64 KB, and what is behind an image in 4 KB.
struct PackedSpaces {
    std::uint16_t ram_address;
    std::uint8_t ram_bytes;
    std::uint8_t behind_image;
};
/// By Architecture.
constexpr std::array<PackedSpaces, 7> packed_spaces{{
    {0, 0, 0},
    {0x1fff, 0x11, 1},  // some RAM stands right below 0x20000000
    {0, 0, 0x40},
    {0x3fc0, 0x40, 1},
    {0x3fc8, 0x08, 0x40},
    {0, 0x01, 1},
    {0x0084, 0x02, 1},
}};

class PlanReader {
public:
    PlanReader(Bytes body, Arena& arena, Prepared& to) : in_(body), arena_(arena), plan_(to.plan), to_(to) {}

    /// False when something is wrong or too large.
    bool read(std::uint32_t kind) {
        read_numbers(kind);
        if (!sane()) return false;
        return ((plan_.flags & stored) != 0 ? in_.rest().empty() : read_map()) && in_.ok();
    }

private:
    bool read_map() {
        if (plan_.ground.architecture != Architecture::none && !read_spaces()) return false;
        const std::uint32_t count = in_.byte();
        MapBlock* const blocks = arena_.take<MapBlock>(count);
        if (blocks == nullptr || !read_blocks({blocks, count})) return false;
        return share_out(arena_, plan_, {blocks, count}, to_.tables);
    }

    void read_numbers(std::uint32_t kind) {
        plan_.budget = static_cast<Budget>(kind & 3U);
        plan_.flags = static_cast<std::uint8_t>(in_.byte());
        plan_.ground.architecture = static_cast<Architecture>(plan_.flags & architecture_mask);
        auto& sizes = plan_.ground.spaces.image_bytes;
        sizes[0] = in_.varint();
        sizes[1] = sizes[0] + in_.difference();
        if ((kind & has_segments) != 0) plan_.segment_bytes = in_.varint();
        plan_.erase_bytes = 1;
        if ((plan_.flags & in_place) != 0) {
            plan_.shift_bytes = in_.varint();
            plan_.erase_bytes <<= in_.byte() & 31U;
        }
        if ((plan_.flags & in_blocks) != 0) {
            const std::uint32_t pace = in_.byte();
            plan_.pace.block_bytes = 1U << (pace & 15U);
            plan_.pace.block_run = 1U << (pace >> 4);
        }
    }

    /// Images share a key's 31 bits; a segment that is too small has no use; and in place one that ends inside an erase
    /// unit could not be decoded again.
    [[nodiscard]] bool sane() const {
        const auto& sizes = plan_.ground.spaces.image_bytes;
        const bool small =
            ((sizes[0] | sizes[1] | plan_.segment_bytes | plan_.shift_bytes | plan_.erase_bytes) >> 30) == 0;
        return small && (plan_.segment_bytes == 0 || plan_.segment_bytes >= min_segment_bytes) &&
               (plan_.segment_bytes & (plan_.erase_bytes - 1)) == 0;
    }

    /// What is told, if it is told at all, is how a number differs from the usual one.
    std::uint32_t beside(std::uint32_t usual) {
        return (plan_.flags & own_spaces) != 0 ? usual + in_.difference() : usual;
    }

    /// False when there are too many segments.
    bool read_spaces() {
        Spaces& spaces = plan_.ground.spaces;
        const UsualSpaces usual = usual_spaces(plan_.ground.architecture);
        spaces.ram_address = beside(usual.ram_address);
        spaces.ram_bytes = beside(usual.ram_bytes);
        spaces.global_pointer[0] = beside(0);
        spaces.global_pointer[1] = beside(spaces.global_pointer[0]);
        const std::uint32_t of_old = beside(1) & max_segments_a_side, of_new = beside(1) & max_segments_a_side;
        LoadSegment* const all = arena_.take<LoadSegment>(of_old + of_new);
        if (all == nullptr) return false;
        spaces.of[0] = AddressSpace({all, of_old});
        spaces.of[1] = AddressSpace({all + of_old, of_new});
        std::uint32_t end = 0;
        for (std::uint32_t i = 0; i < of_old + of_new; ++i) {
            const bool is_old = i < of_old;
            if (i == of_old) end = 0;
            LoadSegment& segment = all[i];
            // what the old image has no segment for counts from its first one
            const LoadSegment& like = all[!is_old && i < 2 * of_old ? i - of_old : 0];
            segment.offset = beside(end);
            segment.address = is_old ? in_.round() : beside(like.address);
            segment.bytes = beside(is_old ? spaces.image_bytes[0] - segment.offset + usual.behind_image
                                          : like.bytes + spaces.image_bytes[1] - spaces.image_bytes[0]);
            end = segment.end();
        }
        return true;
    }

    /// The numbers' model stands where the tables will be. Whatever the blocks are: a wrong one makes a wrong
    /// prediction.
    bool read_blocks(std::span<MapBlock> blocks) {
        Arena later = arena_;
        MapModel* const model = later.take<MapModel>(1);
        if (model == nullptr) return false;
        RangeDecoder coder;
        coder.begin(static_cast<std::uint32_t>(in_.rest().size()));
        std::uint32_t end = 0, moved_by = 0;
        for (std::size_t i = 0;; ++i) {
            in_.skip(coder.feed(in_.rest()));
            if (i == blocks.size()) break;
            if (i == 0) coder.start();
            MapBlock& block = blocks[i];
            block = model->code(coder, {}, end, moved_by);
            end = block.new_at + block.bytes;
            moved_by = block.moved_by();
        }
        std::memset(static_cast<void*>(model), 0, sizeof *model);
        return coder.used_up();
    }

    PreambleReader in_;
    Arena& arena_;
    Plan& plan_;
    Prepared& to_;
};

}  // namespace

UsualSpaces usual_spaces(Architecture architecture) {
    const auto number = static_cast<std::size_t>(architecture);
    if (number >= packed_spaces.size()) return {0, 0, 0};
    const PackedSpaces& packed = packed_spaces[number];
    return {std::uint32_t{packed.ram_address} << 16, std::uint32_t{packed.ram_bytes} << 16,
            std::uint32_t{packed.behind_image} << 12};
}

std::uint8_t* Arena::take_bytes(std::uint32_t bytes) {
    if (bytes > left()) return nullptr;
    std::uint8_t* const first = at_;
    at_ += bytes;
    return first;
}

bool share_out(Arena& arena, const Plan& plan, std::span<const MapBlock> blocks, Tables& to) {
    const Shares shares = shares_of(plan.budget);
    auto* const keys = arena.take<std::uint32_t>(2U * shares.learned);
    const std::uint32_t cells = arena.left();
    if (keys == nullptr || cells < 64) return false;
    static_assert(arena_bytes(Budget::k32) <= 0xffff);
    const std::uint32_t hit_cells = cells * shares.hit_sixteenths / 16;
    History* const histories = arena.take<History>(cells);
    to.hit_cells = {histories, hit_cells};
    to.byte_cells = {histories + hit_cells, cells - hit_cells};
    to.map = AddressMap(LearnedKeys(keys, keys + shares.learned, shares.learned), BlockMap(blocks));
    return true;
}

Error prepare(Bytes preamble, MutableBytes memory, Prepared& to) {
    if (preamble.size() < fixed_bytes || preamble[0] != magic[0] || preamble[1] != magic[1]) return Error::malformed;
    if (preamble[2] >> 4 != version) return Error::unsupported;
    PreambleReader in(preamble.subspan(3));
    const std::uint32_t bytes = in.varint();
    if (bytes != in.rest().size() || bytes < digests_bytes) return Error::malformed;
    const std::uint32_t arena_size = arena_bytes(static_cast<Budget>(preamble[2] & 3U));
    if (memory.size() < arena_size) return Error::too_large;
    Arena arena(memory.first(arena_size));
    return PlanReader(in.rest().subspan(digests_bytes), arena, to).read(preamble[2]) ? Error::none : Error::malformed;
}

}  // namespace sb::sbd
