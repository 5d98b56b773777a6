// spymemcached, of Java. Arguments: HOST PORT text|binary [USER PASSWORD].

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import net.spy.memcached.AddrUtil;
import net.spy.memcached.CASResponse;
import net.spy.memcached.CASValue;
import net.spy.memcached.ConnectionFactoryBuilder;
import net.spy.memcached.MemcachedClient;
import net.spy.memcached.auth.AuthDescriptor;
import net.spy.memcached.auth.PlainCallbackHandler;
import net.spy.memcached.transcoders.SerializingTranscoder;

class Spymemcached {
    static int failures = 0;

    static void check(String name, Object found, Object wanted) {
        if (Objects.equals(found, wanted)) {
            System.out.println("ok " + name);
            return;
        }
        failures++;
        System.out.printf("not ok %s: %.200s in place of %.200s%n", name, found, wanted);
    }

    static byte[] noise(int size) {
        byte[] value = new byte[size];
        new Random(size).nextBytes(value);
        return value;
    }

    public static void main(String[] words) throws Exception {
        System.setProperty("net.spy.log.LoggerImpl", "net.spy.memcached.compat.log.SunLogger");
        Logger.getLogger("net.spy.memcached").setLevel(Level.OFF);
        boolean binary = words[2].equals("binary");
        SerializingTranscoder transcoder = new SerializingTranscoder(1 << 30);
        transcoder.setCompressionThreshold(1 << 30);
        ConnectionFactoryBuilder builder =
                new ConnectionFactoryBuilder()
                        .setProtocol(
                                binary
                                        ? ConnectionFactoryBuilder.Protocol.BINARY
                                        : ConnectionFactoryBuilder.Protocol.TEXT)
                        .setLocatorType(ConnectionFactoryBuilder.Locator.CONSISTENT)
                        .setTranscoder(transcoder)
                        .setOpTimeout(30_000)
                        .setMaxReconnectDelay(1)
                        .setDaemon(true);
        if (words.length > 3) {
            // Left to itself it tries CRAM-MD5 first, and again and again.
            PlainCallbackHandler login = new PlainCallbackHandler(words[3], words[4]);
            builder.setAuthDescriptor(new AuthDescriptor(new String[] {"PLAIN"}, login));
            builder.setAuthWaitTime(30_000);
        }
        String address = words[0] + ":" + words[1];
        MemcachedClient cache =
                new MemcachedClient(builder.build(), AddrUtil.getAddresses(address));
        try {
            run(cache, binary);
        } catch (RuntimeException error) {
            check("no error", error, null);
        }
        cache.shutdown(5, TimeUnit.SECONDS);
        System.exit(failures == 0 ? 0 : 1);
    }

    static void run(MemcachedClient cache, boolean binary) throws Exception {
        check("set", cache.set("key", 0, "value").get(), true);
        check("get", cache.get("key"), "value");
        check("get of nothing", cache.get("unknown"), null);
        Map<String, Object> object = new HashMap<>();
        object.put("list", Arrays.asList(1, 2.5, null));
        object.put("text", "naïve");
        cache.set("object", 0, object).get();
        check("objects", cache.get("object"), object);
        check("add", cache.add("key", 0, "x").get(), false);
        check("add of new", cache.add("added", 0, "y").get(), true);
        check("replace", cache.replace("added", 0, "z").get(), true);
        check("replace of nothing", cache.replace("nothing", 0, "x").get(), false);
        check("append", cache.append("key", ">").get(), true);
        check("prepend", cache.prepend("key", "<").get(), true);
        check("appended and prepended", cache.get("key"), "<value>");

        // All are sent at once: it makes batches of them, of quiet commands where it can.
        Map<String, Object> values = new HashMap<>();
        for (int number = 0; number < 300; number++) {
            values.put("key" + number, "value " + number);
        }
        for (Map.Entry<String, Object> each : values.entrySet()) {
            cache.set(each.getKey(), 100, each.getValue());
        }
        check("get many", cache.getBulk(values.keySet()), values);
        check("get many of nothing", cache.getBulk("unknown", "unknown2"), Map.of());
        check("delete", cache.delete("key3").get(), true);
        check("delete of nothing", cache.delete("key3").get(), false);
        check("deleted", cache.getBulk("key3", "key4"), Map.of("key4", "value 4"));

        CASValue<Object> found = cache.gets("key");
        check("gets", found.getValue(), "<value>");
        check("cas", cache.cas("key", found.getCas(), "second"), CASResponse.OK);
        check("cas too late", cache.cas("key", found.getCas(), "third"), CASResponse.EXISTS);
        check("cas of nothing", cache.cas("unknown", found.getCas(), "x"), CASResponse.NOT_FOUND);
        check("cas stored", cache.get("key"), "second");

        cache.set("count", 0, "41").get();
        check("incr", cache.incr("count", 1L << 40), 41 + (1L << 40));
        check("decr", cache.decr("count", 1L << 40), 41L);
        check("decr stops at zero", cache.decr("count", 50), 0L);
        check("incr of nothing", cache.incr("unknown", 1), -1L);
        check("incr creates", cache.incr("new", 1, 10, 100), 10L);
        check("incr of the created", cache.incr("new", 1, 10, 100), 11L);

        cache.set("short", 2, "value").get();
        cache.set("touched", 2, "value").get();
        check("touch", cache.touch("touched", 100).get(), true);
        check("touch of nothing", cache.touch("unknown", 100).get(), false);
        if (binary) {
            cache.set("got", 2, "value").get();
            check("get and touch", cache.getAndTouch("got", 100).getValue(), "value");
            check("get and touch of nothing", cache.getAndTouch("unknown", 100), null);
        }
        for (int tries = 0; tries < 100 && cache.get("short") != null; tries++) {
            Thread.sleep(100);
        }
        check("expiry", cache.get("short"), null);
        check("after touch", cache.get("touched"), "value");

        for (int size : new int[] {100_000, 1_000_000, (1 << 20) - 512}) {
            byte[] value = noise(size);
            check("set of " + size, cache.set("large", 0, value).get(), true);
            check("value of " + size, Arrays.equals((byte[]) cache.get("large"), value), true);
        }
        boolean stored;
        try {
            stored = cache.set("large", 0, noise((1 << 20) + 1)).get();
        } catch (Exception refused) {
            stored = false;
        }
        check("too large", stored, false);
        check("too large is gone", cache.get("large"), null);
        check("after too large", cache.set("large", 0, "small").get(), true);
        check("stored after too large", cache.get("large"), "small");

        String version = cache.getVersions().values().iterator().next();
        check("version", version.matches("\\d+\\.\\d+\\.\\d+.*"), true);
        check("stats", cache.getStats().values().iterator().next().containsKey("pid"), true);
        check("flush", cache.flush().get(), true);
        check("flushed", cache.get("large"), null);
    }
}
