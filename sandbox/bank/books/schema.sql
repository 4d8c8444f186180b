CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE partners (
    id     TEXT PRIMARY KEY,
    orders INTEGER NOT NULL DEFAULT 0 -- order ids given so far
) STRICT;

CREATE TABLE users (
    partner        TEXT NOT NULL REFERENCES partners (id),
    id             TEXT NOT NULL,
    class          TEXT NOT NULL,
    state          TEXT NOT NULL,
    signature      BLOB, -- public keys, as package bank stores them
    authentication BLOB,
    encryption     BLOB,
    PRIMARY KEY (partner, id)
) STRICT;

-- order types that the bank has taken away from a user
CREATE TABLE withdrawals (
    partner    TEXT NOT NULL,
    user       TEXT NOT NULL,
    order_type TEXT NOT NULL,
    PRIMARY KEY (partner, user, order_type),
    FOREIGN KEY (partner, user) REFERENCES users (partner, id)
) STRICT;

-- what a partner and the bank agreed for an order type; OZHNN where there is no row
CREATE TABLE agreements (
    partner    TEXT NOT NULL REFERENCES partners (id),
    order_type TEXT NOT NULL,
    attribute  TEXT NOT NULL,
    PRIMARY KEY (partner, order_type)
) STRICT;

CREATE TABLE nonces (
    partner TEXT NOT NULL,
    user    TEXT NOT NULL,
    nonce   TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (partner, user, nonce)
) STRICT;
CREATE INDEX nonces_at ON nonces (at);

CREATE TABLE accounts (
    iban       TEXT PRIMARY KEY,
    currency   TEXT NOT NULL,
    owner      TEXT NOT NULL,
    holder     TEXT NOT NULL REFERENCES partners (id),
    opening    INTEGER NOT NULL,          -- minor units at the start of the business day
    balance    INTEGER NOT NULL,          -- minor units now
    statements INTEGER NOT NULL DEFAULT 0 -- written so far
) STRICT;

CREATE TABLE account_bureaus (
    iban    TEXT NOT NULL REFERENCES accounts (iban),
    partner TEXT NOT NULL REFERENCES partners (id),
    PRIMARY KEY (iban, partner)
) STRICT;

CREATE TABLE entries (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    iban                 TEXT NOT NULL REFERENCES accounts (iban),
    day                  TEXT NOT NULL,
    kind                 TEXT NOT NULL,
    credit               INTEGER NOT NULL,
    minor                INTEGER NOT NULL,
    currency             TEXT NOT NULL,
    message_id           TEXT NOT NULL,
    payment_information  TEXT NOT NULL,
    end_to_end           TEXT NOT NULL,
    counterparty         TEXT NOT NULL,
    counterparty_account TEXT NOT NULL,
    remittance           TEXT NOT NULL,
    transactions         INTEGER NOT NULL,
    return_reason        TEXT NOT NULL
) STRICT;
CREATE INDEX entries_day ON entries (iban, day, id);

-- entries of days that have not begun
CREATE TABLE due (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    iban                 TEXT NOT NULL REFERENCES accounts (iban),
    day                  TEXT NOT NULL,
    kind                 TEXT NOT NULL,
    credit               INTEGER NOT NULL,
    minor                INTEGER NOT NULL,
    currency             TEXT NOT NULL,
    message_id           TEXT NOT NULL,
    payment_information  TEXT NOT NULL,
    end_to_end           TEXT NOT NULL,
    counterparty         TEXT NOT NULL,
    counterparty_account TEXT NOT NULL,
    remittance           TEXT NOT NULL,
    transactions         INTEGER NOT NULL,
    return_reason        TEXT NOT NULL
) STRICT;
CREATE INDEX due_day ON due (day, id);

CREATE TABLE transactions (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    started      INTEGER NOT NULL,
    ended        INTEGER NOT NULL DEFAULT 0,
    partner      TEXT NOT NULL,
    user         TEXT NOT NULL,
    order_type   TEXT NOT NULL,
    attribute    TEXT NOT NULL,
    order_id     TEXT NOT NULL,
    phase        TEXT NOT NULL,
    state        TEXT NOT NULL,
    announced    INTEGER NOT NULL,
    received     INTEGER NOT NULL DEFAULT 0,
    return_code  TEXT NOT NULL DEFAULT '',
    reason       TEXT NOT NULL DEFAULT '',
    data_sha256  TEXT NOT NULL DEFAULT '',
    message_id   TEXT NOT NULL DEFAULT '',
    payments     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX transactions_state ON transactions (state);

CREATE TABLE orders (
    partner        TEXT NOT NULL REFERENCES partners (id),
    id             TEXT NOT NULL,
    user           TEXT NOT NULL,
    order_type     TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    received       INTEGER NOT NULL,
    state          TEXT NOT NULL,
    reason         TEXT NOT NULL DEFAULT '',
    message_id     TEXT NOT NULL DEFAULT '',
    payments       INTEGER NOT NULL DEFAULT 0,
    total          TEXT NOT NULL DEFAULT '',
    data_sha256    TEXT NOT NULL,
    data           BLOB NOT NULL, -- deflated
    data_size      INTEGER NOT NULL,
    data_crc       INTEGER NOT NULL,
    PRIMARY KEY (partner, id)
) STRICT;

CREATE TABLE order_accounts (
    partner  TEXT NOT NULL,
    order_id TEXT NOT NULL,
    iban     TEXT NOT NULL REFERENCES accounts (iban),
    PRIMARY KEY (partner, order_id, iban),
    FOREIGN KEY (partner, order_id) REFERENCES orders (partner, id)
) STRICT;

CREATE TABLE signatures (
    partner        TEXT NOT NULL,
    order_id       TEXT NOT NULL,
    signer_partner TEXT NOT NULL,
    signer_user    TEXT NOT NULL,
    class          TEXT NOT NULL,
    at             INTEGER NOT NULL,
    PRIMARY KEY (partner, order_id, signer_partner, signer_user),
    FOREIGN KEY (partner, order_id) REFERENCES orders (partner, id)
) STRICT;

CREATE TABLE offers (
    token      TEXT PRIMARY KEY,
    partner    TEXT NOT NULL REFERENCES partners (id),
    order_type TEXT NOT NULL,
    created    INTEGER NOT NULL,
    fetched    INTEGER NOT NULL DEFAULT 0, -- time of the positive receipt
    content    BLOB NOT NULL
) STRICT;
-- what is offered stays the same until it is fetched, so there is one at a time
CREATE UNIQUE INDEX offers_open ON offers (partner, order_type) WHERE fetched = 0;

CREATE TABLE events (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    partner        TEXT NOT NULL REFERENCES partners (id), -- whose protocol tells it
    at             INTEGER NOT NULL,
    action         TEXT NOT NULL,
    reason         TEXT NOT NULL,
    actor_partner  TEXT NOT NULL,
    actor_user     TEXT NOT NULL,
    order_id       TEXT NOT NULL,
    order_type     TEXT NOT NULL,
    information    TEXT NOT NULL, -- lines
    offer          TEXT REFERENCES offers (token)
) STRICT;
CREATE INDEX events_new ON events (partner, id) WHERE offer IS NULL;

CREATE TABLE documents (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    partner    TEXT NOT NULL REFERENCES partners (id),
    order_type TEXT NOT NULL,
    name       TEXT NOT NULL,
    day        TEXT NOT NULL, -- business date
    content    BLOB NOT NULL, -- deflated
    size       INTEGER NOT NULL,
    crc        INTEGER NOT NULL,
    offer      TEXT REFERENCES offers (token)
) STRICT;
CREATE INDEX documents_new ON documents (partner, order_type, id) WHERE offer IS NULL;
