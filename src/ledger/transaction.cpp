#include "ledger/transaction.h"

namespace outro {

result<transaction> transaction::begin(database& changed) {
  if (auto s = changed.run("BEGIN IMMEDIATE"); !s.ok()) return s;
  return transaction(changed);
}

transaction::~transaction() {
  if (database_ != nullptr) database_->roll_back();
}

status transaction::commit() {
  auto s = database_->run("COMMIT");
  if (s.ok()) database_ = nullptr;
  return s;
}

}  // namespace outro
