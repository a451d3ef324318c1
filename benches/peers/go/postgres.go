package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// databaseConnections is the same for every contender.
const databaseConnections = 8

// Row is a user of the database. json.RawMessage is the cheapest form of a column that is JSON already.
type Row struct {
	ID        int64           `json:"id"`
	Name      string          `json:"name"`
	Email     string          `json:"email"`
	Age       int32           `json:"age"`
	Balance   string          `json:"balance"`
	Score     float64         `json:"score"`
	Active    bool            `json:"active"`
	CreatedAt time.Time       `json:"created_at"`
	Profile   json.RawMessage `json:"profile"`
	Tags      []string        `json:"tags"`
}

// postgres serves rows of PostgreSQL, whose URL is the environment's DATABASE_URL: all rows, then the whole JSON, then
// the response.
func postgres(address string) error {
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	config.MaxConns = databaseConnections
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/users", func(w http.ResponseWriter, r *http.Request) {
		body, err := users(pool, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		// If the client is gone, there is nobody to tell.
		_, _ = w.Write(body)
	})
	return http.ListenAndServe(address, mux)
}

func users(pool *pgxpool.Pool, r *http.Request) ([]byte, error) {
	limit := int64(defaultLimit)
	if given := r.URL.Query().Get("limit"); given != "" {
		var err error
		if limit, err = strconv.ParseInt(given, 10, 64); err != nil {
			return nil, err
		}
	}
	rows, err := pool.Query(r.Context(),
		"SELECT id, name, email, age, balance::text, score, active, created_at, profile, tags FROM users "+
			"ORDER BY id LIMIT $1", limit)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Row])
	if err != nil {
		return nil, err
	}
	return json.Marshal(all)
}
