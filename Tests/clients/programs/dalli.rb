# Dalli, of Ruby: the binary protocol. Arguments: HOST PORT binary [USER PASSWORD [CA]].
require 'dalli'
require 'openssl'
require 'securerandom'

host, port, _protocol, user, password, authority = ARGV
Dalli.logger.level = Logger::FATAL
$failures = 0

def check(name, found, wanted)
  return puts("ok #{name}") if found == wanted

  $failures += 1
  puts "not ok #{name}: #{found.inspect[0, 200]} in place of #{wanted.inspect[0, 200]}"
end

# Its answer to a store is the token of what it stored, which is never 0.
def stored?(answer)
  answer.is_a?(Integer) && answer.positive?
end

options = { compress: false, socket_timeout: 30, value_max_bytes: 2**30 }
options.update(username: user, password: password) if user && !user.empty?
if authority
  context = OpenSSL::SSL::SSLContext.new
  context.ca_file = authority
  context.verify_mode = OpenSSL::SSL::VERIFY_PEER
  options[:ssl_context] = context
  # What Dalli 3.0 left out, without which it reads no answers to get_multi over TLS.
  Dalli::Socket::SSLSocket.define_method(:server) { io.server }
end
cache = Dalli::Client.new("#{host}:#{port}", options)

check 'set', stored?(cache.set('key', 'value')), true
check 'get', cache.get('key'), 'value'
check 'get of nothing', cache.get('unknown'), nil
object = { 'list' => [1, 2.5, nil, true], text: 'naïve' }
cache.set('object', object)
check 'objects', cache.get('object'), object
answers = [cache.add('key', 'x'), cache.add('added', 'y')]
check 'add', answers.map { |answer| stored?(answer) }, [false, true]
answers = [cache.replace('nothing', 'x'), cache.replace('added', 'z')]
check 'replace', answers.map { |answer| stored?(answer) }, [false, true]
cache.set('raw', 'value', 0, raw: true)
cache.append('raw', '>')
cache.prepend('raw', '<')
check 'append and prepend', cache.get('raw', raw: true), '<value>'

values = (0...300).to_h { |number| ["key#{number}", "value #{number}"] }
cache.multi { values.each { |key, value| cache.set(key, value, 100) } }
check 'get many', cache.get_multi(*values.keys, 'unknown'), values
check 'delete', [cache.delete('key3'), cache.delete('key3')], [true, nil]
cache.multi { %w[key1 key2 unknown].each { |key| cache.delete(key) } }
check 'deleted', cache.get_multi('key1', 'key2', 'key3', 'key4').keys, ['key4']

value, token = cache.get_cas('key')
check 'get cas', value, 'value'
check 'cas', stored?(cache.set_cas('key', 'second', token)), true
check 'cas too late', cache.set_cas('key', 'third', token), false
check 'cas with a block', stored?(cache.cas('key') { |found| "#{found} and third" }), true
check 'cas stored', cache.get('key'), 'second and third'
token = cache.get_cas('key')[1]
answers = [cache.delete_cas('key', token + 1), cache.delete_cas('key', token)]
check 'delete cas', answers, [false, true]

cache.set('count', '41', 0, raw: true)
check 'incr', [cache.incr('count'), cache.incr('count', 2**40)], [42, 42 + 2**40]
check 'decr', [cache.decr('count', 2**40), cache.decr('count', 50)], [42, 0]
check 'incr of nothing', cache.incr('unknown'), nil
check 'incr creates', [cache.incr('new', 1, 100, 10), cache.incr('new', 1, 100, 10)], [10, 11]

%w[short touched got].each { |key| cache.set(key, 'value', 2) }
check 'touch', [cache.touch('touched', 100), cache.touch('unknown', 100)], [true, nil]
check 'get and touch', [cache.gat('got', 100), cache.gat('unknown', 100)], ['value', nil]
100.times { cache.get('short') ? sleep(0.1) : break }
check 'expiry', %w[short touched got].map { |key| cache.get(key) }, [nil, 'value', 'value']

[100_000, 1_000_000, 1024 * 1024 - 512].each do |size|
  value = SecureRandom.random_bytes(size)
  cache.set('large', value, 0, raw: true)
  check "value of #{size}", cache.get('large', raw: true) == value, true
end
stored =
  begin
    cache.set('large', SecureRandom.random_bytes(1024 * 1024 + 1), 0, raw: true)
  rescue Dalli::DalliError, Dalli::ValueOverMaxSize
    false
  end
check 'too large', stored?(stored), false
check 'too large is gone', cache.get('large'), nil
cache.set('large', 'small')
check 'after too large', cache.get('large'), 'small'

check 'version', cache.version.values.first.match?(/\A\d+\.\d+\.\d+/), true
check 'stats', cache.stats.values.first['pid'].to_i.positive?, true
cache.flush
check 'flush', cache.get('large'), nil
exit($failures.zero? ? 0 : 1)
