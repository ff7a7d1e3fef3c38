#include "tools/diff/sbd/preamble_writer.hpp"

#include <bit>
#include <stdexcept>

#include "tools/diff/sbd/range_encoder.hpp"
#include "tools/diff/sbd/varints.hpp"

namespace sb::diff {
namespace {

class PreambleWriter {
public:
    void byte(std::uint32_t value) { made.push_back(static_cast<std::uint8_t>(value)); }
    void varint(std::uint32_t value) { append_varint(made, value); }
    void difference(std::uint32_t value) { varint(folded(value)); }
    void round(std::uint32_t value) {
        const int zeros = value == 0 ? 0 : std::countr_zero(value);
        byte(static_cast<std::uint32_t>(zeros));
        varint(value >> zeros);
    }
    void bytes(Bytes from) { made.insert(made.end(), from.begin(), from.end()); }

    std::vector<std::uint8_t> made;
};

/// How numbers differ from the usual ones.
class GroundWriter {
public:
    GroundWriter(PreambleWriter& out, const sbd::Plan& plan)
        : out_(out), ground_(plan.ground), own_((plan.flags & sbd::own_spaces) != 0) {}

    void write() {
        const sbd::Spaces& spaces = ground_.spaces;
        const sbd::UsualSpaces usual = sbd::usual_spaces(ground_.architecture);
        const auto of_old = spaces.of[0].segments(), of_new = spaces.of[1].segments();
        beside(spaces.ram_address, usual.ram_address);
        beside(spaces.ram_bytes, usual.ram_bytes);
        beside(spaces.global_pointer[0], 0);
        beside(spaces.global_pointer[1], spaces.global_pointer[0]);
        for (const auto segments : {of_old, of_new}) {
            if (segments.size() > sbd::max_segments_a_side) throw std::length_error("too many load segments");
            beside(static_cast<std::uint32_t>(segments.size()), 1);
        }
        for (std::size_t i = 0; i < of_old.size(); ++i) {
            beside(of_old[i].offset, i == 0 ? 0 : of_old[i - 1].end());
            out_.round(of_old[i].address);
            beside(of_old[i].bytes, ground_.old_bytes() - of_old[i].offset + usual.behind_image);
        }
        for (std::size_t i = 0; i < of_new.size(); ++i) {
            const sbd::LoadSegment& like = of_old[i < of_old.size() ? i : 0];
            beside(of_new[i].offset, i == 0 ? 0 : of_new[i - 1].end());
            beside(of_new[i].address, like.address);
            beside(of_new[i].bytes, like.bytes + ground_.new_bytes() - ground_.old_bytes());
        }
    }

private:
    void beside(std::uint32_t value, std::uint32_t usual) {
        if (own_) out_.difference(value - usual);
    }

    PreambleWriter& out_;
    const sbd::Ground& ground_;
    bool own_;
};

void write_blocks(PreambleWriter& out, std::span<const sbd::MapBlock> blocks) {
    out.byte(static_cast<std::uint32_t>(blocks.size()));
    if (blocks.empty()) return;
    RangeEncoder coder;
    sbd::MapModel model{};
    std::uint32_t end = 0, moved_by = 0;
    for (const sbd::MapBlock& block : blocks) {
        static_cast<void>(model.code(coder, block, end, moved_by));
        end = block.new_at + block.bytes;
        moved_by = block.moved_by();
    }
    out.bytes(coder.finish());
}

}  // namespace

std::vector<std::uint8_t> write_preamble(const sbd::Plan& plan, std::span<const sbd::MapBlock> blocks) {
    PreambleWriter body;
    body.bytes(plan.old_digest);
    body.bytes(plan.new_digest);
    body.byte(plan.flags);
    body.varint(plan.ground.old_bytes());
    body.difference(plan.ground.new_bytes() - plan.ground.old_bytes());
    if (plan.segment_bytes != 0) body.varint(plan.segment_bytes);
    if ((plan.flags & sbd::in_place) != 0) {
        body.varint(plan.shift_bytes);
        body.byte(static_cast<std::uint32_t>(std::countr_zero(plan.erase_bytes)));
    }
    if ((plan.flags & sbd::in_blocks) != 0)
        body.byte(static_cast<std::uint32_t>(std::countr_zero(plan.pace.block_bytes) |
                                             std::countr_zero(plan.pace.block_run) << 4));
    if ((plan.flags & sbd::stored) == 0) {
        if (plan.ground.architecture != sbd::Architecture::none) GroundWriter(body, plan).write();
        write_blocks(body, blocks);
    }

    PreambleWriter whole;
    whole.bytes(sbd::magic);
    whole.byte(std::uint32_t{sbd::version} << 4 | static_cast<std::uint32_t>(plan.budget) |
               (plan.segment_bytes != 0 ? sbd::has_segments : 0U));
    whole.varint(static_cast<std::uint32_t>(body.made.size()));
    whole.bytes(body.made);
    if (whole.made.size() > sbd::max_preamble_bytes) throw std::length_error("the preamble of the patch is too large");
    return whole.made;
}

}  // namespace sb::diff
