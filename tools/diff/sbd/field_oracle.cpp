#include "tools/diff/sbd/field_oracle.hpp"

namespace sb::diff {

std::vector<bool> instruction_starts(const sbd::Ground& ground, Bytes old) {
    std::vector<bool> starts(old.size() + 1, !AllFields::tracks_instructions(ground.architecture));
    sbd::MemorySource source(old, Bytes());
    const auto end = static_cast<std::uint32_t>(old.size());
    for (std::uint32_t at = 0; at < end; at += AllFields::instruction_bytes(ground.architecture, source, at))
        starts[at] = true;
    return starts;
}

FieldOracle::FieldOracle(const sbd::Plan& plan, Bytes old, Bytes new_image, std::span<const sbd::MapBlock> blocks,
                         const std::vector<bool>& starts)
    : plan_(plan),
      ground_(plan.ground),
      old_(old),
      new_(new_image),
      starts_(starts),
      tables_{{}, {}, sbd::AddressMap({}, sbd::BlockMap(blocks))},
      source_(old, new_image) {}

std::uint64_t FieldOracle::holds(std::uint32_t new_at, std::uint32_t source_at, std::uint32_t bytes) {
    std::uint64_t equal = 0;
    const bool self = source_at >= old_.size();
    const Bytes from = self ? new_.subspan(source_at - old_.size()) : old_.subspan(source_at);
    for (std::uint32_t k = 0; k < bytes; ++k) equal |= std::uint64_t{from[k] == new_[new_at + k]} << k;
    if (self || ground_.architecture == sbd::Architecture::none) return equal;

    // a field may have begun before
    const std::uint32_t before = std::min({std::uint32_t{8}, new_at, source_at});
    source_.set_made(new_at);
    const std::uint32_t segment = plan_.segment_bytes == 0 ? new_at : new_at - new_at % plan_.segment_bytes;
    source_.set_old_from(plan_.old_from(plan_.end_of_segment(segment)));
    sbd::Walker<AllFields> walker;
    for (std::uint32_t k = 0; k < bytes + before; ++k) {
        const std::uint32_t to = new_at - before + k, at = source_at - before + k;
        if (!walker.in_field()) {
            if (starts_[at])
                walker.stand_at(at);
            else
                walker.stand_inside(at);
            walker.look(sbd::Place<sbd::MemorySource>{source_, ground_, tables_, to, at});
        }
        if (!walker.in_field()) continue;
        const std::uint8_t predicted = walker.missed() ? old_[at] : walker.predicted();
        if (k >= before) {
            const std::uint64_t bit = std::uint64_t{1} << (k - before);
            equal = predicted == new_[to] ? equal | bit : equal & ~bit;
        }
        if (predicted != new_[to]) walker.miss(predicted != old_[at]);
        if (walker.advance()) walker.drop();
    }
    return equal;
}

}  // namespace sb::diff
