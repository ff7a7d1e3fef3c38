#include "core/journal/journal.hpp"

namespace sb {

template class BasicJournal<JournalRules>;

static_assert(sizeof(Journal) <= 400, "the journal is part of every bootloader's RAM");

}  // namespace sb
