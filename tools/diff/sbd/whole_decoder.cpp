#include "tools/diff/sbd/whole_decoder.hpp"

#include <cmath>
#include <numeric>
#include <optional>
#include <thread>

#include "core/delta/sbd/source.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/sbd/quick_decoder.hpp"
#include "tools/diff/sbd/segment_decoder.hpp"

namespace sb::diff {
namespace {

/// Of a byte: what was decided, and what it took.
class Notes {
public:
    void note(bool one, std::uint32_t p) {
        spent_[kind_] += 16 - std::log2(static_cast<double>(one ? p : 65536 - p));
        last_[kind_] = one;
    }
    void spend(sbd::Spent kind) { kind_ = static_cast<std::size_t>(kind); }

    [[nodiscard]] const Spending& spent() const { return spent_; }
    /// The last decision of this kind; `otherwise` when there was none.
    [[nodiscard]] bool last(sbd::Spent kind, bool otherwise) const {
        return last_[static_cast<std::size_t>(kind)].value_or(otherwise);
    }
    void clear() {
        spent_ = {};
        last_ = {};
    }

private:
    Spending spent_{};
    std::array<std::optional<bool>, std::tuple_size_v<Spending>> last_{};
    std::size_t kind_ = static_cast<std::size_t>(sbd::Spent::jumps);  // a segment begins with where the pointer stands
};

using DecodingModel = sbd::Model<SegmentDecoder<Notes>, sbd::MemorySource, AllFields>;

/// Follows a decoding model byte by byte and keeps the account.
class Accountant {
public:
    explicit Accountant(SbdAccount& account) : account_(account) {}

    void before(const DecodingModel& model) { in_field_ = model.walker().in_field(); }

    void after(const DecodingModel& model, Notes& notes) {
        const auto& walker = model.walker();
        const bool jumped = notes.last(sbd::Spent::jump_flags, false);
        const bool hit = notes.last(sbd::Spent::hits, true);  // in a block nothing is asked
        const bool opened = walker.in_field() && walker.index() == 1;
        if (jumped || !in_field_) close(!jumped);
        if (opened) {
            kind_ = walker.field().kind;
            ++of(kind_).met;
            open_ = right_ = true;
        }
        const sbd::FieldKind field = open_ ? kind_ : sbd::FieldKind::none;
        right_ = right_ && hit;

        Spending& to = account_.spent[static_cast<std::size_t>(field)];
        ByteCost cost{.field = field, .hit = hit, .jumped = jumped};
        for (std::size_t kind = 0; kind < to.size(); ++kind) {
            to[kind] += notes.spent()[kind];
            cost.bits += static_cast<float>(notes.spent()[kind]);
        }
        cost.jump_bits = static_cast<float>(notes.spent()[static_cast<std::size_t>(sbd::Spent::jump_flags)] +
                                            notes.spent()[static_cast<std::size_t>(sbd::Spent::jumps)]);
        cost.substituted = !hit && !notes.last(sbd::Spent::alternatives, false);
        account_.bytes.push_back(cost);
        notes.clear();
        if (!walker.in_field()) close(true);
    }

private:
    FieldCounts& of(sbd::FieldKind kind) { return account_.fields[static_cast<std::size_t>(kind)]; }
    void close(bool whole) {
        if (open_ && whole && right_) ++of(kind_).right;
        open_ = false;
    }

    SbdAccount& account_;
    bool in_field_ = false;
    sbd::FieldKind kind_ = sbd::FieldKind::none;
    bool open_ = false;
    bool right_ = false;
};

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

struct Decoding {
    const SbdPatch& patch;
    sbd::MemorySource& source;
    sbd::Tables& tables;
    DecodedImage& made;
    SbdAccount& account;
};

void account_segment(const Decoding& to, Bytes coded, std::uint32_t from) {
    const sbd::Plan& plan = to.patch.prepared.plan;
    const std::uint32_t end = plan.end_of_segment(from), old_bytes = plan.ground.old_bytes();
    SegmentDecoder<Notes> coder(coded);
    DecodingModel model(coder, to.source, plan.ground, to.tables, plan.pace);
    to.source.set_old_from(plan.old_from(end));
    model.begin_segment(from, 0);
    Accountant accountant(to.account);
    for (std::uint32_t at = from; at != end; ++at) {
        accountant.before(model);
        static_cast<void>(model.code());
        const std::uint32_t source_at = model.source_at() - 1;
        append_source(to.made.runs, at, source_at, source_at == old_bytes || at == from);
        accountant.after(model, coder.noted);
    }
    if (!coder.used_up()) refuse_rest_of(coded, to.patch);
}

void account_stored(std::size_t image_bytes, SbdAccount& account) {
    account = {};
    account.bytes.assign(image_bytes, {.bits = 8, .substituted = true});
    account.spent[0][static_cast<std::size_t>(sbd::Spent::bytes)] = 8.0 * static_cast<double>(image_bytes);
}

DecodedImage decode_with_account(Bytes old, SbdPatch& opened, SbdAccount& account) {
    const sbd::Plan& plan = opened.prepared.plan;
    DecodedImage made;
    made.image.resize(plan.ground.new_bytes());
    sbd::MemorySource source(old, MutableBytes(made.image));
    const Decoding to{opened, source, opened.prepared.tables, made, account};
    account = {};
    std::uint32_t from = 0;
    for (const Bytes segment : opened.segments) {
        account_segment(to, segment, from);
        from = plan.end_of_segment(from);
    }
    return made;
}

double sum(const Spending& spending) {
    return std::accumulate(spending.begin(), spending.end(), 0.0);
}

}  // namespace

double SbdAccount::bits() const {
    double all = 0;
    for (const Spending& one : spent) all += sum(one);
    return all;
}

double SbdAccount::bits(sbd::Spent kind) const {
    double all = 0;
    for (const Spending& one : spent) all += one[static_cast<std::size_t>(kind)];
    return all;
}

double SbdAccount::bits(sbd::FieldKind field) const {
    return sum(spent[static_cast<std::size_t>(field)]);
}

void refuse_rest_of(Bytes coded, const SbdPatch& opened) {
    throw PatchError(Error::bad_patch, static_cast<std::uint64_t>(coded.data() - opened.patch.data()),
                     "a segment of the patch is longer than what it makes");
}

SbdPatch open_preamble(Bytes patch) {
    SbdPatch opened;
    opened.patch = patch;
    const auto bytes = sbd::preamble_bytes(patch.first(std::min<std::size_t>(patch.size(), sbd::fixed_bytes)));
    if (!bytes) refuse(bytes.error(), 0);
    if (*bytes > patch.size()) refuse(Error::truncated, patch.size());
    opened.preamble_bytes = *bytes;
    const auto budget = static_cast<sbd::Budget>(patch[2] & 3U);
    opened.memory.resize(sbd::arena_bytes(budget) / 4);
    const MutableBytes memory(reinterpret_cast<std::uint8_t*>(opened.memory.data()), sbd::arena_bytes(budget));
    const Error error = sbd::prepare(patch.first(*bytes), memory, opened.prepared);
    if (error != Error::none) refuse(error, 0);
    if (!AllFields::has(opened.prepared.plan.ground.architecture)) refuse(Error::no_decoder, 0);
    sbd::read_digests(patch.first(*bytes), opened.prepared.plan);
    return opened;
}

SbdPatch open_sbd(Bytes patch) {
    SbdPatch opened = open_preamble(patch);
    const sbd::Plan& plan = opened.prepared.plan;
    std::size_t at = opened.preamble_bytes;
    if ((plan.flags & sbd::stored) != 0) {
        opened.segments.push_back(patch.subspan(at));
        return opened;
    }
    for (std::uint32_t from = 0; from != plan.ground.new_bytes(); from = plan.end_of_segment(from)) {
        std::uint32_t size = static_cast<std::uint32_t>(patch.size() - at);
        if (plan.end_of_segment(from) != plan.ground.new_bytes()) {
            size = 0;
            std::uint8_t next = 0;
            do {
                if (at == patch.size()) refuse(Error::truncated, at);
                next = patch[at++];
                size = size << 7 | (next & 0x7fU);
            } while (next >= 0x80);
            if (size > patch.size() - at) refuse(Error::truncated, patch.size());
        }
        opened.segments.push_back(patch.subspan(at, size));
        at += size;
    }
    if (at != patch.size()) refuse(Error::trailing_data, at);
    return opened;
}

DecodedImage decode_sbd(Bytes old, Bytes patch, SbdAccount* account, unsigned threads) {
    SbdPatch opened = open_sbd(patch);
    const sbd::Plan& plan = opened.prepared.plan;
    DecodedImage made;
    if ((plan.flags & sbd::stored) != 0) {
        if (opened.segments[0].size() != plan.ground.new_bytes()) refuse(Error::truncated, patch.size());
        made.image.assign(opened.segments[0].begin(), opened.segments[0].end());
        if (account != nullptr) account_stored(made.image.size(), *account);
    } else {
        if (old.size() != plan.ground.old_bytes())
            throw PatchError(Error::wrong_source, 0, "the patch was made from another old file (of another size)");
        check_digest(old, plan.old_digest, "the patch was made from another old file");
        if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
        if (account != nullptr)
            made = decode_with_account(old, opened, *account);
        else
            made.image = decode_segments(old, opened, threads);
    }
    check_digest(made.image, plan.new_digest, "the patch is damaged: it makes another file than it should");
    return made;
}

}  // namespace sb::diff
