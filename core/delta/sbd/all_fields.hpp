// core/delta/sbd: every architecture whose address fields are known, for hosts and simulators. A device lists its own.
#pragma once

#include "core/delta/sbd/fields_a64.hpp"
#include "core/delta/sbd/fields_avr.hpp"
#include "core/delta/sbd/fields_riscv.hpp"
#include "core/delta/sbd/fields_tc32.hpp"
#include "core/delta/sbd/fields_thumb.hpp"
#include "core/delta/sbd/fields_xtensa.hpp"
#include "core/delta/sbd/walker.hpp"

namespace sb::sbd {

using AllFields = FieldSet<Thumb, A64, Xtensa, RiscV, Avr, Tc32>;

}  // namespace sb::sbd
