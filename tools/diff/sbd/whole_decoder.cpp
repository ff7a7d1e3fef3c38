#include "tools/diff/sbd/whole_decoder.hpp"

#include <cmath>

#include "core/delta/sbd/source.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "tools/diff/format.hpp"

namespace sb::diff {
namespace {

/// As sbd::RangeDecoder, of a segment that is all there, with an account.
class SegmentDecoder {
public:
    explicit SegmentDecoder(Bytes in) : in_(in) {
        for (int i = 0; i < 4; ++i) code_ = code_ << 8 | next();
    }

    bool bit(std::uint32_t p, bool = false) {
        const std::uint32_t bound = (range_ >> 16) * (65536 - p);
        const bool one = code_ >= bound;
        spent_[kind_] += 16 - std::log2(static_cast<double>(one ? p : 65536 - p));
        code_ -= one ? bound : 0;
        range_ = one ? range_ - bound : bound;
        while (range_ < 1U << 24) {
            range_ <<= 8;
            code_ = code_ << 8 | next();
        }
        return one;
    }
    void spend(sbd::Spent kind) { kind_ = static_cast<std::size_t>(kind); }
    [[nodiscard]] const Spending& spending() const { return spent_; }
    [[nodiscard]] bool used_up() const { return at_ >= in_.size(); }

private:
    std::uint32_t next() { return at_ < in_.size() ? in_[at_++] : 0U; }

    Bytes in_;
    std::size_t at_ = 0;
    std::uint32_t range_ = 0xffffffff;
    std::uint32_t code_ = 0;
    Spending spent_{};
    std::size_t kind_ = 0;
};

using DecodingModel = sbd::Model<SegmentDecoder, sbd::MemorySource, AllFields>;

void check_digest(Bytes image, const std::array<std::uint8_t, 4>& begins, const char* message) {
    OpensslCrypto crypto;
    const Digest digest = sha256(crypto, image);
    if (!equal(Bytes(digest).first(begins.size()), begins)) throw PatchError(Error::wrong_source, 0, message);
}

void append_source(std::vector<SourceRun>& runs, std::uint32_t new_at, std::uint32_t source_at, bool new_half) {
    if (!runs.empty() && !new_half && runs.back().diagonal() == source_at - new_at)
        ++runs.back().bytes;
    else
        runs.push_back({new_at, source_at, 1});
}

void decode_segment(const SbdPatch& patch, Bytes coded, std::uint32_t from, sbd::MemorySource& source,
                    sbd::Tables& tables, DecodedImage& to) {
    const sbd::Plan& plan = patch.prepared.plan;
    const std::uint32_t end = plan.end_of_segment(from), old_bytes = plan.ground.old_bytes();
    SegmentDecoder coder(coded);
    DecodingModel model(coder, source, plan.ground, tables, plan.pace);
    source.set_old_from(plan.old_from(end));
    model.begin_segment(from, 0);
    for (std::uint32_t at = from; at != end; ++at) {
        static_cast<void>(model.code({}));
        const std::uint32_t source_at = model.source_at() - 1;
        append_source(to.runs, at, source_at, source_at == old_bytes || at == from);
    }
    if (!coder.used_up())
        throw PatchError(Error::bad_patch, static_cast<std::uint64_t>(coded.data() - patch.segments[0].data()),
                         "a segment of the patch is longer than what it makes");
    for (std::size_t kind = 0; kind < to.spent.size(); ++kind) to.spent[kind] += coder.spending()[kind];
}

}  // namespace

SbdPatch open_sbd(Bytes patch) {
    SbdPatch opened;
    const auto bytes = sbd::preamble_bytes(patch.first(std::min<std::size_t>(patch.size(), sbd::fixed_bytes)));
    if (!bytes) refuse(bytes.error(), 0);
    if (*bytes > patch.size()) refuse(Error::truncated, patch.size());
    opened.preamble_bytes = *bytes;
    const auto budget = static_cast<sbd::Budget>(patch[2] & 3U);
    opened.memory.resize(sbd::arena_bytes(budget) / 4);
    const MutableBytes memory(reinterpret_cast<std::uint8_t*>(opened.memory.data()), sbd::arena_bytes(budget));
    if (const auto read = sbd::prepare(patch.first(*bytes), memory, opened.prepared); !read) refuse(read.error(), 0);

    const sbd::Plan& plan = opened.prepared.plan;
    std::size_t at = *bytes;
    if ((plan.flags & sbd::stored) != 0) {
        opened.segments.push_back(patch.subspan(at));
        return opened;
    }
    for (std::uint32_t from = 0; from != plan.ground.new_bytes(); from = plan.end_of_segment(from)) {
        std::size_t size = patch.size() - at;
        if (plan.end_of_segment(from) != plan.ground.new_bytes()) {
            size = 0;
            for (unsigned shift = 0;; shift += 7) {
                if (at == patch.size()) refuse(Error::truncated, at);
                if (shift > 28) refuse(Error::bad_patch, at);
                const std::uint8_t next = patch[at++];
                size |= std::size_t{next & 0x7fU} << shift;
                if (next < 0x80) break;
            }
            if (size > patch.size() - at) refuse(Error::truncated, patch.size());
        }
        opened.segments.push_back(patch.subspan(at, size));
        at += size;
    }
    if (at != patch.size()) refuse(Error::trailing_data, at);
    return opened;
}

DecodedImage decode_sbd(Bytes old, Bytes patch) {
    SbdPatch opened = open_sbd(patch);
    const sbd::Plan& plan = opened.prepared.plan;
    DecodedImage made;
    if ((plan.flags & sbd::stored) != 0) {
        if (opened.segments[0].size() != plan.ground.new_bytes()) refuse(Error::truncated, patch.size());
        made.image.assign(opened.segments[0].begin(), opened.segments[0].end());
    } else {
        if (old.size() != plan.ground.old_bytes())
            throw PatchError(Error::wrong_source, 0, "the patch was made from another old file (of another size)");
        check_digest(old, plan.old_digest, "the patch was made from another old file");
        made.image.resize(plan.ground.new_bytes());
        sbd::MemorySource source(old, MutableBytes(made.image));
        std::uint32_t from = 0;
        for (const Bytes segment : opened.segments) {
            decode_segment(opened, segment, from, source, opened.prepared.tables, made);
            from = plan.end_of_segment(from);
        }
    }
    check_digest(made.image, plan.new_digest, "the patch is damaged: it makes another file than it should");
    return made;
}

}  // namespace sb::diff
