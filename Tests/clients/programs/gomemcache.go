// gomemcache, of Go: the text protocol. Arguments: HOST PORT text.
package main

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
)

var failures = 0

func check(name string, found, wanted interface{}) {
	if fmt.Sprint(found) == fmt.Sprint(wanted) {
		fmt.Println("ok", name)
		return
	}
	failures++
	fmt.Printf("not ok %s: %.200v in place of %.200v\n", name, found, wanted)
}

func noise(size int) []byte {
	value := make([]byte, size)
	rand.Read(value)
	return value
}

func main() {
	cache := memcache.New(os.Args[1] + ":" + os.Args[2])
	cache.Timeout = 30 * time.Second
	set := func(key, value string, seconds int32) error {
		return cache.Set(&memcache.Item{Key: key, Value: []byte(value), Expiration: seconds})
	}
	get := func(key string) string {
		item, err := cache.Get(key)
		if err != nil {
			return err.Error()
		}
		return string(item.Value)
	}
	missing := memcache.ErrCacheMiss

	check("set", set("key", "value", 0), nil)
	check("get", get("key"), "value")
	check("get of nothing", get("unknown"), missing)
	check("flags", cache.Set(&memcache.Item{Key: "flags", Value: []byte("v"), Flags: 4294967295}), nil)
	flagged, err := cache.Get("flags")
	check("flags come back", []interface{}{flagged.Flags, err}, []interface{}{uint32(4294967295), nil})
	check("add", cache.Add(&memcache.Item{Key: "key", Value: []byte("x")}), memcache.ErrNotStored)
	check("add of new", cache.Add(&memcache.Item{Key: "added", Value: []byte("x")}), nil)
	check("replace", cache.Replace(&memcache.Item{Key: "added", Value: []byte("y")}), nil)
	check("replace of nothing", cache.Replace(&memcache.Item{Key: "nothing"}), memcache.ErrNotStored)

	keys := []string{"unknown"}
	for number := 0; number < 300; number++ {
		keys = append(keys, fmt.Sprint("key", number))
		set(keys[number+1], fmt.Sprint("value ", number), 100)
	}
	many, err := cache.GetMulti(keys)
	check("get many", []interface{}{len(many), err}, []interface{}{300, nil})
	check("one of many", string(many["key7"].Value), "value 7")
	check("delete", cache.Delete("key3"), nil)
	check("delete of nothing", cache.Delete("key3"), missing)
	check("deleted", get("key3"), missing)

	item, _ := cache.Get("key")
	item.Value = []byte("second")
	check("cas", cache.CompareAndSwap(item), nil)
	item.Value = []byte("third")
	check("cas too late", cache.CompareAndSwap(item), memcache.ErrCASConflict)
	check("cas stored", get("key"), "second")
	cache.Delete("key")
	check("cas of nothing", cache.CompareAndSwap(item), missing)

	set("count", "41", 0)
	up, err := cache.Increment("count", 1<<40)
	check("incr", []interface{}{up, err}, []interface{}{uint64(41 + 1<<40), nil})
	down, err := cache.Decrement("count", 1<<40)
	check("decr", []interface{}{down, err}, []interface{}{uint64(41), nil})
	down, _ = cache.Decrement("count", 50)
	check("decr stops at zero", down, 0)
	_, err = cache.Increment("unknown", 1)
	check("incr of nothing", err, missing)
	set("word", "no number", 0)
	_, err = cache.Increment("word", 1)
	check("incr of a word", err != nil && err != missing, true)

	set("short", "value", 2)
	set("touched", "value", 2)
	check("touch", cache.Touch("touched", 100), nil)
	check("touch of nothing", cache.Touch("unknown", 100), missing)
	for tries := 0; tries < 100 && get("short") == "value"; tries++ {
		time.Sleep(100 * time.Millisecond)
	}
	check("expiry", []string{get("short"), get("touched")}, []string{missing.Error(), "value"})

	for _, size := range []int{100_000, 1_000_000, 1<<20 - 512} {
		value := noise(size)
		err := cache.Set(&memcache.Item{Key: "large", Value: value})
		check(fmt.Sprint("set of ", size), err, nil)
		check(fmt.Sprint("value of ", size), get("large") == string(value), true)
	}
	err = cache.Set(&memcache.Item{Key: "large", Value: bytes.Repeat([]byte("x"), 1<<20+1)})
	check("too large", err != nil, true)
	check("too large is gone", get("large"), missing)
	set("large", "small", 0)
	check("after too large", get("large"), "small")

	check("flush", cache.DeleteAll(), nil)
	check("flushed", get("large"), missing)
	if failures > 0 {
		os.Exit(1)
	}
}
