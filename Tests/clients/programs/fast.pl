# Cache::Memcached::Fast, of Perl: the text protocol. Arguments: HOST PORT text.
use strict;
use warnings;
use Cache::Memcached::Fast;

my ($host, $port) = @ARGV;
my $failures = 0;

sub shown {
    my ($value) = @_;
    return 'nothing' unless defined $value;
    return '[' . join(', ', map { shown($_) } @$value) . ']' if ref $value eq 'ARRAY';
    my @pairs = ref $value ? map { "$_: " . shown($value->{$_}) } sort keys %$value : ();
    return '{' . join(', ', @pairs) . '}' if ref $value;
    return length $value > 200 ? length($value) . ' bytes' : "'$value'";
}

sub check {
    my ($name, $found, $wanted) = @_;
    return print "ok $name\n" if shown($found) eq shown($wanted);
    $failures++;
    print "not ok $name: ", shown($found), ' in place of ', shown($wanted), "\n";
}

my $cache = Cache::Memcached::Fast->new({
    servers => ["$host:$port"],
    ketama_points => 150,
    io_timeout => 30,
    max_size => 4 * 1024 * 1024,    # of its own, so that the daemon's limit shows
});

# Its answers are 1, '' for what the daemon refused, and nothing for an error.
check('set', $cache->set('key', 'value'), 1);
check('get', $cache->get('key'), 'value');
check('get of nothing', scalar $cache->get('unknown'), undef);
my $object = {list => [1, 2.5, undef], text => 'plain'};
$cache->set('object', $object);
check('objects', $cache->get('object'), $object);
check('add', [$cache->add('key', 'x'), $cache->add('added', 'y')], ['', 1]);
check('replace', [$cache->replace('nothing', 'x'), $cache->replace('added', 'z')], ['', 1]);
my $joined = [$cache->append('key', '>'), $cache->prepend('key', '<'), $cache->get('key')];
check('append and prepend', $joined, [1, 1, '<value>']);

my %values = map { ("key$_" => "value $_") } 0 .. 299;
my $set = $cache->set_multi(map { [$_, $values{$_}, 100] } keys %values);
check('set many', scalar(grep { $_ } values %$set), 300);
check('get many', $cache->get_multi(keys %values, 'unknown'), \%values);
my $deleted = $cache->delete_multi('key1', 'key2', 'unknown');
check('delete many', $deleted, {key1 => 1, key2 => 1, unknown => ''});
check('delete', [$cache->delete('key3'), $cache->delete('key3')], [1, '']);
check('deleted', $cache->get_multi(qw(key1 key2 key3 key4)), {key4 => 'value 4'});
$cache->set("quiet$_", $_) for 0 .. 99;    # in a void context: with noreply
$cache->delete('quiet0');
check('no reply', scalar(keys %{$cache->get_multi(map { "quiet$_" } 0 .. 99)}), 99);

my $found = $cache->gets('key');
check('gets', $found->[1], '<value>');
check('cas', $cache->cas('key', $found->[0], 'second'), 1);
check('cas too late', $cache->cas('key', $found->[0], 'third'), '');
check('cas stored', $cache->get('key'), 'second');
check('gets of many', scalar(keys %{$cache->gets_multi('key', 'key4', 'unknown')}), 2);

$cache->set('count', 41);
check('incr', [$cache->incr('count'), $cache->incr('count', 2**40)], [42, 42 + 2**40]);
check('decr', [$cache->decr('count', 2**40), $cache->decr('count', 50)], [42, '0E0']);
check('incr of nothing', $cache->incr('unknown'), '');
my $counted = $cache->incr_multi(['count', 2], ['unknown', 1]);
check('incr of many', $counted, {count => 2, unknown => ''});

$cache->set($_, 'value', 2) for qw(short touched got);
check('touch', [$cache->touch('touched', 100), $cache->touch('unknown', 100)], [1, '']);
my $got = [scalar $cache->gat(100, 'got'), scalar $cache->gat(100, 'unknown')];
check('get and touch', $got, ['value', undef]);
for (1 .. 100) {
    last unless defined $cache->get('short');
    select undef, undef, undef, 0.1;
}
check('expiry', $cache->get_multi(qw(short touched got)), {touched => 'value', got => 'value'});

for my $size (100_000, 1_000_000, 1024 * 1024 - 512) {
    my $value = substr join('', map { chr } 0 .. 255) x 4096, 0, $size;
    my $stored = $cache->set('large', $value);
    check("value of $size", [$stored, $cache->get('large') eq $value ? 1 : 0], [1, 1]);
}
check('too large', $cache->set('large', 'x' x (1024 * 1024 + 1)) ? 1 : 0, 0);
check('too large is gone', scalar $cache->get('large'), undef);
check('after too large', [$cache->set('large', 'small'), $cache->get('large')], [1, 'small']);

my ($version) = values %{$cache->server_versions};
check('version', $version =~ /^\d+\.\d+\.\d+/ ? 1 : 0, 1);
my ($flushed) = values %{$cache->flush_all};
check('flush', [$flushed, scalar $cache->get('key')], [1, undef]);
exit($failures ? 1 : 0);
