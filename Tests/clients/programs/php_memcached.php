<?php
// php-memcached. Arguments: HOST PORT text|binary [USER PASSWORD].
[, $host, $port, $protocol] = $argv;
$failures = 0;

function check(string $name, mixed $found, mixed $wanted): void
{
    global $failures;
    if ($found === $wanted) {
        echo "ok $name\n";
        return;
    }
    $failures++;
    $shown = fn ($value) => substr(var_export($value, true), 0, 200);
    echo "not ok $name: {$shown($found)} in place of {$shown($wanted)}\n";
}

$cache = new Memcached();
$cache->setOption(Memcached::OPT_BINARY_PROTOCOL, $protocol === 'binary');
$cache->setOption(Memcached::OPT_COMPRESSION, false);
$cache->setOption(Memcached::OPT_LIBKETAMA_COMPATIBLE, true);
if (isset($argv[4])) {
    $cache->setSaslAuthData($argv[4], $argv[5]);
}
$cache->addServer($host, (int) $port);

check('set', $cache->set('key', 'value'), true);
check('result of set', $cache->getResultCode(), Memcached::RES_SUCCESS);
check('get', $cache->get('key'), 'value');
check('get of nothing', $cache->get('unknown'), false);
check('result of get', $cache->getResultCode(), Memcached::RES_NOTFOUND);
$object = ['list' => [1, 2.5, null, true], 'text' => 'naïve'];
$cache->set('object', $object);
check('objects', $cache->get('object'), $object);
check('add', [$cache->add('key', 'x'), $cache->add('added', 'y')], [false, true]);
check('replace', [$cache->replace('nothing', 'x'), $cache->replace('added', 'z')], [false, true]);
$joined = [$cache->append('key', '>'), $cache->prepend('key', '<'), $cache->get('key')];
check('append and prepend', $joined, [true, true, '<value>']);

$values = [];
for ($number = 0; $number < 300; $number++) {
    $values["key$number"] = "value $number";
}
check('set many', $cache->setMulti($values, 100), true);
check('get many', $cache->getMulti([...array_keys($values), 'unknown']), $values);
$results = $cache->deleteMulti(['key1', 'key2', 'unknown']);
check('delete many', $results['unknown'], Memcached::RES_NOTFOUND);
check('delete', [$cache->delete('key3'), $cache->delete('key3')], [true, false]);
check('deleted', $cache->getMulti(['key1', 'key2', 'key3', 'key4']), ['key4' => 'value 4']);

$token = $cache->get('key', null, Memcached::GET_EXTENDED)['cas'];
check('cas', $cache->cas($token, 'key', 'second'), true);
check('cas too late', $cache->cas($token, 'key', 'third'), false);
check('result of cas', $cache->getResultCode(), Memcached::RES_DATA_EXISTS);
check('cas stored', $cache->get('key'), 'second');

$cache->set('count', 41);
$large = 2 ** 40;
check('incr', [$cache->increment('count'), $cache->increment('count', $large)], [42, 42 + $large]);
check('decr', [$cache->decrement('count', $large), $cache->decrement('count', 50)], [42, 0]);
check('incr of nothing', $cache->increment('unknown'), false);
if ($protocol === 'binary') {
    check('incr creates', $cache->increment('new', 1, 10), 10);
    check('incr of the created', $cache->increment('new', 1, 10), 11);
}

foreach (['short', 'touched'] as $key) {
    $cache->set($key, 'value', 2);
}
check('touch', $cache->touch('touched', 100), true);
check('touch of nothing', $cache->touch('unknown', 100), false);
for ($tries = 0; $tries < 100 && $cache->get('short') !== false; $tries++) {
    usleep(100_000);
}
check('expiry', [$cache->get('short'), $cache->get('touched')], [false, 'value']);

foreach ([100_000, 1_000_000, 1024 * 1024 - 512] as $size) {
    $value = random_bytes($size);
    check("set of $size", $cache->set('large', $value), true);
    check("value of $size", $cache->get('large') === $value, true);
}
check('too large', $cache->set('large', random_bytes(1024 * 1024 + 1)), false);
check('too large is gone', $cache->get('large'), false);
check('after too large', [$cache->set('large', 'small'), $cache->get('large')], [true, 'small']);

check('version', preg_match('/^\d+\.\d+\.\d+/', $cache->getVersion()["$host:$port"]), 1);
check('flush', [$cache->flush(), $cache->get('key')], [true, false]);
exit($failures === 0 ? 0 : 1);
