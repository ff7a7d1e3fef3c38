#include "tools/diff/read_ahead.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;

/// Gives `bytes` in odd pieces, then ends or fails.
class Source final : public ByteStream {
public:
    Source(const Buffer& bytes, Error error) : left_(bytes), error_(error) {}
    Result<std::size_t> read(MutableBytes to) override {
        if (left_.empty() && error_ != Error::none) return fail(error_);
        const std::size_t count = std::min({to.size(), left_.size(), std::size_t{7001}});
        copy(to, left_.first(count));
        left_ = left_.subspan(count);
        return count;
    }

private:
    Bytes left_;
    Error error_;
};

TEST(ReadAhead, GivesWhatTheStreamGivesAndItsError) {
    delta_testing::Random random(1);
    for (const std::size_t bytes : {0U, 1U, 131072U, 262144U, 1000000U}) {
        Buffer plain(bytes);
        for (auto& b : plain) b = static_cast<std::uint8_t>(random());
        for (const Error error : {Error::none, Error::malformed}) {
            Source source(plain, error);
            ReadAhead ahead(source);
            Buffer made, room(5000);
            Result<std::size_t> count = 0;
            while ((count = ahead.read(room)) && *count != 0)
                made.insert(made.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*count));
            EXPECT_EQ(made, plain);
            EXPECT_EQ(count ? Error::none : count.error(), error);
            EXPECT_EQ(ahead.read(room).has_value(), error == Error::none) << "the end stays the end";
        }
    }
}

TEST(ReadAhead, EndsWhenNobodyReadsOn) {
    const Buffer plain(1000000, 7);
    for (int round = 0; round < 50; ++round) {
        Source source(plain, Error::none);
        ReadAhead ahead(source);
        Buffer room(100);
        if (round % 2 == 0) {
            EXPECT_EQ(ahead.read(room).value_or(0), 100U);
        }
    }
}

}  // namespace
}  // namespace sb::diff
