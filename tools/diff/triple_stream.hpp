// tools/diff: triples as they come, for images that are never in memory as a whole (block_covers.hpp).
#pragma once

#include "tools/diff/block_covers.hpp"

namespace sb::diff {

/// Takes what a patch of the bsdiff family is made of. The bytes of a triple come before the triple.
class TripleSink {
public:
    virtual void diff(Bytes differences) = 0;
    virtual void extra(Bytes bytes) = 0;
    virtual void triple(const std::array<std::uint8_t, 24>& written) = 0;

protected:
    ~TripleSink() = default;
};

/// Turns blocks with their covers into triples. Covers that go on in the next block become one.
class TripleStream {
public:
    /// `most_bytes`: from so many bytes on a triple is ended and another goes on.
    TripleStream(TripleSink& sink, std::uint64_t most_bytes) : sink_(sink), most_bytes_(most_bytes) {}

    void write(const CoveredBlock& block);
    /// Call once, last.
    void finish();

private:
    void cover(const Cover& cover, Bytes image, Bytes old);
    void extra(Bytes bytes);
    void end_triple(std::uint64_t next_old);
    void end_long_triple() {
        if (diff_bytes_ + extra_bytes_ >= most_bytes_) end_triple(old_at_);
    }

    TripleSink& sink_;
    std::uint64_t most_bytes_;
    std::uint64_t diff_bytes_ = 0, extra_bytes_ = 0;  // of the present triple
    std::uint64_t old_at_ = 0;                        // behind its differences
};

}  // namespace sb::diff
