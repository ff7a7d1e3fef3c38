#include "tools/diff/triple_stream.hpp"

#include "tools/diff/triples.hpp"

namespace sb::diff {

void TripleStream::write(const CoveredBlock& block) {
    std::size_t done = 0;
    for (const CoveredBlock::Part& part : block.parts) {
        const std::size_t at = part.cover.new_at - block.from;
        extra(block.image.subspan(done, at - done));
        cover(part.cover, block.image.subspan(at, part.cover.bytes), part.old);
        done = at + part.cover.bytes;
    }
    extra(block.image.subspan(done));
}

void TripleStream::cover(const Cover& cover, Bytes image, Bytes old) {
    if (extra_bytes_ != 0 || cover.old_at != old_at_) end_triple(cover.old_at);
    constexpr std::size_t piece = std::size_t{1} << 16;
    for (std::size_t done = 0; done < cover.bytes;) {
        const std::size_t count = std::min(piece, cover.bytes - done);
        for_each_difference(old, image, {done, done, count}, [&](Bytes differences) { sink_.diff(differences); });
        diff_bytes_ += count;
        old_at_ += count;
        done += count;
        end_long_triple();
    }
}

void TripleStream::extra(Bytes bytes) {
    if (bytes.empty()) return;
    sink_.extra(bytes);
    extra_bytes_ += bytes.size();
    end_long_triple();
}

void TripleStream::end_triple(std::uint64_t next_old) {
    if (diff_bytes_ + extra_bytes_ != 0 || next_old != old_at_) {
        const Cover diff{0, static_cast<std::size_t>(old_at_ - diff_bytes_), static_cast<std::size_t>(diff_bytes_)};
        sink_.triple(
            written({diff, static_cast<std::size_t>(diff_bytes_ + extra_bytes_), static_cast<std::size_t>(next_old)}));
    }
    diff_bytes_ = extra_bytes_ = 0;
    old_at_ = next_old;
}

void TripleStream::finish() {
    end_triple(old_at_);
}

}  // namespace sb::diff
