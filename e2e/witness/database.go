package witness

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // the driver of the embedded database
)

// Cell is one value of a database.
type Cell struct {
	Table, Column string
	Row           int
	Value         []byte
}

// SQLiteCells reads every value of every table of an SQLite file, read only; a process may be using it.
func SQLiteCells(ctx context.Context, path string) (cells []Cell, err error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tables, err := names(ctx, db, `SELECT name FROM sqlite_master WHERE type = 'table'`)
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		if cells, err = tableCells(ctx, db, table, cells); err != nil {
			return nil, fmt.Errorf("read table %s: %w", table, err)
		}
	}
	return cells, nil
}

func names(ctx context.Context, db *sql.DB, query string) (out []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, rows.Err()
}

func tableCells(ctx context.Context, db *sql.DB, table string, cells []Cell) (_ []Cell, err error) {
	rows, err := db.QueryContext(ctx, `SELECT * FROM "`+table+`"`) //nolint:gosec // the name is the database's own
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for row := 0; rows.Next(); row++ {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		for i, v := range values {
			text, isBytes := v.([]byte)
			if !isBytes {
				text = []byte(fmt.Sprint(v))
			}
			cells = append(cells, Cell{table, columns[i], row, text})
		}
	}
	return cells, rows.Err()
}

// PostgresCells reads every value of every table that is not the system's own.
func PostgresCells(ctx context.Context, dsn string) (cells []Cell, err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	rows, err := conn.Query(ctx, `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
		WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		rows, err := conn.Query(ctx, `SELECT * FROM `+table)
		if err != nil {
			return nil, fmt.Errorf("read table %s: %w", table, err)
		}
		for row := 0; rows.Next(); row++ {
			for i, raw := range rows.RawValues() { // as on the wire: BYTEA and TEXT are the stored bytes themselves
				cells = append(cells, Cell{table[strings.LastIndexByte(table, '.')+1:], rows.FieldDescriptions()[i].Name, row, append([]byte(nil), raw...)})
			}
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return nil, fmt.Errorf("read table %s: %w", table, err)
		}
	}
	return cells, nil
}

// Row is one row of a table, by column.
type Row map[string][]byte

// Rows gathers cells to rows, by table.
func Rows(cells []Cell) map[string][]Row {
	out := map[string][]Row{}
	for _, c := range cells {
		for len(out[c.Table]) <= c.Row {
			out[c.Table] = append(out[c.Table], Row{})
		}
		out[c.Table][c.Row][c.Column] = c.Value
	}
	return out
}
