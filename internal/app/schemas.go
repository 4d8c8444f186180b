package app

import (
	"context"
	"fmt"
	"os"

	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/store"
)

// loadSchemas compiles the operator's schemas. One that cannot be used stops the start: files would be judged by another.
func loadSchemas(folder string) (intake.Schemas, error) {
	if folder == "" {
		return intake.Schemas{}, nil
	}
	s, err := intake.LoadSchemas(os.DirFS(folder))
	if err != nil {
		return s, fmt.Errorf("schema-folder %s: %w", folder, err)
	}
	return s, nil
}

// missingSchemas logs which tenants want a schema that is not installed here: their files are refused until it is.
func missingSchemas(ctx context.Context, h *Hub, s intake.Schemas) error {
	settings, err := read(ctx, h, func(tx *store.Tx) (map[hub.TenantID]hub.TenantSettings, error) { return tx.SettingsOfTenants(ctx) })
	if err != nil {
		return fmt.Errorf("read tenants' schemas: %w", err)
	}
	for tenant, of := range settings {
		if name := of.Verification.Schema; name != "" && !s.Has(name) {
			h.log.Error("a tenant's schema is not installed; its payment files are refused", "tenant", tenant, "schema", name)
		}
	}
	return nil
}
