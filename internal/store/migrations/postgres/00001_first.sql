-- +goose Up
-- Instants are microseconds since 1970 UTC. Columns named sealed hold JSON encrypted with the owner's key, bound to table and id.
-- The SQLite file is this one with BLOB for BYTEA; a test compares them.

CREATE TABLE owner_key (
    owner       TEXT   PRIMARY KEY,
    certificate BYTEA   NOT NULL,
    wrapped_key BYTEA   NOT NULL,
    created     BIGINT NOT NULL
);

CREATE TABLE tenant (
    id       TEXT   PRIMARY KEY,
    handle   TEXT   NOT NULL UNIQUE,
    state    TEXT   NOT NULL CHECK (state IN ('active', 'destroyed')),
    settings TEXT   NOT NULL,
    created  BIGINT NOT NULL,
    sealed   BYTEA   NOT NULL
);

CREATE TABLE bank (
    id      TEXT   PRIMARY KEY,
    name    TEXT   NOT NULL,
    url     TEXT   NOT NULL,
    host_id TEXT   NOT NULL,
    ca      TEXT   NOT NULL,
    profile TEXT   NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE contact (
    id      TEXT   PRIMARY KEY,
    owner   TEXT   NOT NULL,
    bank_id TEXT   NOT NULL REFERENCES bank (id),
    route   BYTEA   NOT NULL UNIQUE,
    state   TEXT   NOT NULL CHECK (state IN ('new', 'initialised', 'keys_fetched', 'ready')),
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    sealed  BYTEA   NOT NULL
);

CREATE TABLE account (
    tenant_id  TEXT   NOT NULL REFERENCES tenant (id),
    id         TEXT   NOT NULL,
    contact_id TEXT   NOT NULL REFERENCES contact (id),
    route      BYTEA   NOT NULL UNIQUE,
    currency   TEXT   NOT NULL,
    created    BIGINT NOT NULL,
    sealed     BYTEA   NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX account_contact ON account (contact_id);

CREATE TABLE api_key (
    tenant_id TEXT   NOT NULL REFERENCES tenant (id),
    id        TEXT   NOT NULL,
    hash      BYTEA   NOT NULL UNIQUE,
    scopes    TEXT   NOT NULL,
    active    BIGINT NOT NULL CHECK (active IN (0, 1)),
    created   BIGINT NOT NULL,
    last_used BIGINT NOT NULL,
    sealed    BYTEA   NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE access_token (
    hash      BYTEA   PRIMARY KEY,
    tenant_id TEXT   NOT NULL,
    key_id    TEXT   NOT NULL,
    created   BIGINT NOT NULL,
    expires   BIGINT NOT NULL,
    FOREIGN KEY (tenant_id, key_id) REFERENCES api_key (tenant_id, id)
);
CREATE INDEX access_token_expires ON access_token (expires);
CREATE INDEX access_token_key ON access_token (tenant_id, key_id);

CREATE TABLE body (
    owner   TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    state   TEXT   NOT NULL CHECK (state IN ('staged', 'visible')),
    size    BIGINT NOT NULL,
    chunks  BIGINT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (owner, id)
);
CREATE INDEX body_staged ON body (state, created);

CREATE TABLE chunk (
    owner   TEXT   NOT NULL,
    body_id TEXT   NOT NULL,
    number  BIGINT NOT NULL,
    data    BYTEA   NOT NULL,
    PRIMARY KEY (owner, body_id, number)
);

CREATE TABLE payment_file (
    tenant_id  TEXT   NOT NULL REFERENCES tenant (id),
    id         TEXT   NOT NULL,
    contact_id TEXT   NOT NULL,
    key_id     TEXT   NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('rejected', 'queued', 'sending', 'unclear', 'failed', 'sent', 'forwarded',
                                                'cancelled_at_bank', 'accepted', 'partially_accepted', 'confirmed', 'rejected_by_bank')),
    format     TEXT   NOT NULL,
    order_type TEXT   NOT NULL,
    count      BIGINT NOT NULL,
    currency   TEXT   NOT NULL,
    message_fp BYTEA   NOT NULL,
    created    BIGINT NOT NULL,
    updated    BIGINT NOT NULL,
    uploaded   BIGINT NOT NULL,
    sealed     BYTEA   NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CHECK (state = 'rejected' OR contact_id <> '')
);
CREATE INDEX payment_file_state ON payment_file (state, contact_id);
CREATE INDEX payment_file_message ON payment_file (tenant_id, message_fp);

CREATE TABLE payment_page (
    tenant_id TEXT   NOT NULL,
    file_id   TEXT   NOT NULL,
    number    BIGINT NOT NULL,
    sealed    BYTEA   NOT NULL,
    PRIMARY KEY (tenant_id, file_id, number)
);

CREATE TABLE submission (
    tenant_id TEXT   NOT NULL,
    digest    BYTEA   NOT NULL,
    file_id   TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, digest)
);

CREATE TABLE event (
    tenant_id  TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    actor      TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    from_state TEXT   NOT NULL,
    to_state   TEXT   NOT NULL,
    evidence   TEXT   NOT NULL,
    sealed     BYTEA   NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX event_subject ON event (tenant_id, subject, id);

CREATE TABLE audit (
    owner   TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    actor   TEXT   NOT NULL,
    action  TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    sealed  BYTEA   NOT NULL,
    chained BIGINT NOT NULL CHECK (chained IN (0, 1)),
    PRIMARY KEY (owner, id)
);
CREATE INDEX audit_unchained ON audit (chained, owner, id);

CREATE TABLE audit_link (
    owner  TEXT   NOT NULL,
    number BIGINT NOT NULL,
    row_id TEXT   NOT NULL,
    digest BYTEA   NOT NULL,
    link   BYTEA   NOT NULL,
    PRIMARY KEY (owner, number),
    UNIQUE (owner, row_id)
);

CREATE TABLE audit_head (
    owner  TEXT   PRIMARY KEY,
    number BIGINT NOT NULL,
    link   BYTEA   NOT NULL,
    mac    BYTEA   NOT NULL
);

CREATE TABLE lease (
    resource TEXT   PRIMARY KEY,
    holder   TEXT   NOT NULL,
    until    BIGINT NOT NULL,
    fence    BIGINT NOT NULL
);
CREATE INDEX lease_until ON lease (until);

CREATE TABLE backoff (
    resource TEXT   PRIMARY KEY,
    failures BIGINT NOT NULL,
    next_at  BIGINT NOT NULL,
    code     TEXT   NOT NULL
);
CREATE INDEX backoff_next ON backoff (next_at);

CREATE TABLE poll (
    contact_id  TEXT   NOT NULL REFERENCES contact (id),
    order_type  TEXT   NOT NULL,
    kind        TEXT   NOT NULL CHECK (kind IN ('protocol', 'status', 'statement')),
    next_at     BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    last_result TEXT   NOT NULL,
    PRIMARY KEY (contact_id, order_type)
);
CREATE INDEX poll_next ON poll (next_at);

CREATE TABLE sending (
    tenant_id      TEXT   NOT NULL,
    file_id        TEXT   NOT NULL,
    attempt        BIGINT NOT NULL,
    contact_id     TEXT   NOT NULL,
    step           TEXT   NOT NULL CHECK (step IN ('prepared', 'initialised', 'segment', 'last', 'done', 'absent', 'refused')),
    segment        BIGINT NOT NULL,
    segments       BIGINT NOT NULL,
    order_id       TEXT   NOT NULL,
    transaction_id TEXT   NOT NULL,
    spool          TEXT   NOT NULL,
    fence          BIGINT NOT NULL,
    started        BIGINT NOT NULL,
    updated        BIGINT NOT NULL,
    sealed         BYTEA   NOT NULL,
    PRIMARY KEY (tenant_id, file_id, attempt)
);
CREATE INDEX sending_order ON sending (contact_id, order_id);

CREATE TABLE download (
    contact_id TEXT   NOT NULL REFERENCES contact (id),
    id         TEXT   NOT NULL,
    owner      TEXT   NOT NULL,
    order_type TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('stored', 'indexed', 'undecoded')),
    receipted  BIGINT NOT NULL CHECK (receipted IN (0, 1)),
    created    BIGINT NOT NULL,
    PRIMARY KEY (contact_id, id)
);
CREATE INDEX download_state ON download (state);

CREATE TABLE protocol_event (
    contact_id TEXT   NOT NULL,
    digest     BYTEA   NOT NULL,
    created    BIGINT NOT NULL,
    PRIMARY KEY (contact_id, digest)
);

CREATE TABLE document (
    tenant_id  TEXT   NOT NULL REFERENCES tenant (id),
    id         TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    format     TEXT   NOT NULL,
    digest     BYTEA   NOT NULL,
    created    BIGINT NOT NULL,
    retrieved  BIGINT NOT NULL,
    sealed     BYTEA   NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, digest)
);
CREATE INDEX document_created ON document (tenant_id, kind, created);

CREATE TABLE quarantine (
    owner       TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    contact_id  TEXT   NOT NULL,
    download_id TEXT   NOT NULL,
    digest      BYTEA   NOT NULL,
    reason      TEXT   NOT NULL,
    created     BIGINT NOT NULL,
    sealed      BYTEA   NOT NULL,
    PRIMARY KEY (owner, id),
    UNIQUE (owner, digest)
);

-- +goose Down
DROP TABLE quarantine;
DROP TABLE document;
DROP TABLE protocol_event;
DROP TABLE download;
DROP TABLE sending;
DROP TABLE poll;
DROP TABLE backoff;
DROP TABLE lease;
DROP TABLE audit_head;
DROP TABLE audit_link;
DROP TABLE audit;
DROP TABLE event;
DROP TABLE submission;
DROP TABLE payment_page;
DROP TABLE payment_file;
DROP TABLE chunk;
DROP TABLE body;
DROP TABLE access_token;
DROP TABLE api_key;
DROP TABLE account;
DROP TABLE contact;
DROP TABLE bank;
DROP TABLE tenant;
DROP TABLE owner_key;
