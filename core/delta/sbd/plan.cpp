#include "core/delta/sbd/plan.hpp"

#include "core/delta/sbd/preamble_reader.hpp"
#include "core/delta/sbd/range_decoder.hpp"

namespace sb::sbd {
namespace {

class PlanReader {
public:
    PlanReader(Bytes body, Arena& arena, Prepared& to) : in_(body), arena_(arena), plan_(to.plan), to_(to) {}

    /// False when something is wrong or too large.
    bool read(std::uint32_t kind) {
        read_numbers(kind);
        if (!sane()) return false;
        if ((plan_.flags & stored) != 0) return in_.rest().empty();
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
        return in_.ok() && small && (plan_.segment_bytes == 0 || plan_.segment_bytes >= min_segment_bytes) &&
               (plan_.segment_bytes & (plan_.erase_bytes - 1)) == 0;
    }

    /// What is told, if it is told at all, is how a number differs from the usual one.
    std::uint32_t beside(std::uint32_t usual) {
        return (plan_.flags & own_spaces) != 0 ? usual + in_.difference() : usual;
    }

    void read_spaces() {
        Spaces& spaces = plan_.ground.spaces;
        const UsualSpaces usual = usual_spaces(plan_.ground.architecture);
        spaces.ram_address = beside(usual.ram_address);
        spaces.ram_bytes = beside(usual.ram_bytes);
        spaces.global_pointer[0] = beside(0);
        spaces.global_pointer[1] = beside(spaces.global_pointer[0]);
        const std::uint32_t of_old = beside(1) & max_segments_a_side, of_new = beside(1) & max_segments_a_side;
        const std::span<LoadSegment> all = arena_.take<LoadSegment>(of_old + of_new);
        if (!arena_.ok()) return;
        spaces.of[0] = AddressSpace(all.first(of_old));
        spaces.of[1] = AddressSpace(all.subspan(of_old));
        for (std::uint32_t i = 0; i < of_old; ++i) {
            LoadSegment& segment = all[i];
            segment.offset = beside(i == 0 ? 0 : all[i - 1].end());
            segment.address = in_.round();
            segment.bytes = beside(spaces.image_bytes[0] - segment.offset + usual.behind_image);
        }
        for (std::uint32_t i = of_old; i < of_old + of_new; ++i) {
            // what the old image has no segment for counts from its first one
            const LoadSegment& like = all[i < 2 * of_old ? i - of_old : 0];
            LoadSegment& segment = all[i];
            segment.offset = beside(i == of_old ? 0 : all[i - 1].end());
            segment.address = beside(like.address);
            segment.bytes = beside(like.bytes + spaces.image_bytes[1] - spaces.image_bytes[0]);
        }
    }

    /// Whatever they are: a wrong block makes a wrong prediction.
    bool read_blocks(std::span<MapBlock> blocks) {
        Arena later = arena_;  // the numbers' model stands where the tables will be
        const std::span<MapModel> model = later.take<MapModel>(1);
        if (!later.ok()) return false;
        Bytes coded = in_.rest();
        RangeDecoder coder;
        coder.begin(static_cast<std::uint32_t>(coded.size()));
        coded = coded.subspan(coder.feed(coded));
        if (!blocks.empty()) coder.start();
        std::uint32_t end = 0, moved_by = 0;
        for (MapBlock& block : blocks) {
            block = model[0].code(coder, {}, end, moved_by);
            coded = coded.subspan(coder.feed(coded));
            end = block.new_at + block.bytes;
            moved_by = block.moved_by();
        }
        std::memset(static_cast<void*>(model.data()), 0, model.size_bytes());
        return coder.used_up();
    }

    PreambleReader in_;
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

bool share_out(Arena& arena, const Plan& plan, std::span<const MapBlock> blocks, Tables& to) {
    const std::uint32_t learned = shares_of(plan.budget).learned;
    const auto keys = arena.take<std::uint32_t>(learned);
    const auto moved_by = arena.take<std::uint32_t>(learned);
    if (!arena.ok() || arena.left() < 64) return false;
    const std::uint32_t cells = arena.left();
    static_assert(arena_bytes(Budget::k32) <= 0xffff);
    const std::uint32_t hit_cells = cells * shares_of(plan.budget).hit_sixteenths / 16;
    to.hit_cells = arena.take<History>(hit_cells);
    to.byte_cells = arena.take<History>(cells - hit_cells);
    to.map = AddressMap(LearnedKeys(keys.data(), moved_by.data(), learned), BlockMap(blocks));
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
