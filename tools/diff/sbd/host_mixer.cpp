#include "tools/diff/sbd/host_mixer.hpp"

namespace sb::diff {

HostLogistic::HostLogistic() {
    for (std::size_t i = 0; i < logit_of.size(); ++i)
        logit_of[i] = static_cast<std::int16_t>(sbd::stretch(static_cast<std::int32_t>(i) - 2048));
    for (std::size_t i = 0; i < probability_of.size(); ++i)
        probability_of[i] = static_cast<std::uint16_t>(sbd::squash(static_cast<std::int32_t>(i) - sbd::logit_limit));
}

const HostLogistic host_logistic;

}  // namespace sb::diff
