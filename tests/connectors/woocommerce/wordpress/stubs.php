<?php
// As little of WordPress and WooCommerce as a plugin or a functions.php needs, with everything it does written down in $wp.
// It behaves as WordPress does where that matters to safety: escaping, addslashes on input, cookies, autoloading.
error_reporting( E_ALL );
set_error_handler( function ( $level, $text, $file, $line ) {
	throw new ErrorException( $text, 0, $level, $file, $line );
} );

$wp = array(
	'options'     => array(), // name → value
	'autoload'    => array(), // name → bool
	'users'       => array(), // id → {ID, display_name, user_email}
	'logged_in'   => 0,       // whose login cookie this request brings
	'capable'     => true,
	'orders'      => array(),
	'answers'     => array(), // what a hub says to each request; without any, the real one is asked
	'posted'      => array(),
	'queued'      => array(), // of Action Scheduler
	'cron'        => array(), // of WP-Cron
	'logged'      => array(),
	'failed'      => array(),
	'notices'     => array(),
	'routes'      => array(),
	'pages'       => array(),
	'compatible'  => array(),
	'loaded'      => array(), // options that were asked for
	'scheduler'   => true,
	'woocommerce' => true,
	'home'        => 'https://shop.example',
	'rest'        => '/wp-json/',
);
$wp_actions = array();
$wp_scripts = array();

define( 'ABSPATH', __DIR__ . '/' );
defined( 'COOKIEPATH' ) || define( 'COOKIEPATH', '/' );
defined( 'COOKIE_DOMAIN' ) || define( 'COOKIE_DOMAIN', false );

class WpDied extends Exception {}
class WpRedirected extends Exception {}

// Hooks

function add_action( $name, $function, $priority = 10, $count = 1 ) {
	$GLOBALS['wp_actions'][ $name ][ $priority ][] = array( $function, $count );
	ksort( $GLOBALS['wp_actions'][ $name ] );
}
function add_filter( $name, $function, $priority = 10, $count = 1 ) {
	add_action( $name, $function, $priority, $count );
}
function apply_filters( $name, $value = null, ...$more ) {
	foreach ( $GLOBALS['wp_actions'][ $name ] ?? array() as $alike ) {
		foreach ( $alike as list( $function, $count ) ) {
			$value = $function( ...array_slice( array( $value, ...$more ), 0, $count ) );
		}
	}
	return $value;
}
function do_action( $name, ...$arguments ) {
	foreach ( $GLOBALS['wp_actions'][ $name ] ?? array() as $alike ) {
		foreach ( $alike as list( $function, $count ) ) {
			$function( ...array_slice( $arguments, 0, $count ) );
		}
	}
}

// Options, texts, addresses

function get_option( $name, $default = false ) {
	$GLOBALS['wp']['loaded'][] = $name;
	return $GLOBALS['wp']['options'][ $name ] ?? $default;
}
function update_option( $name, $value, $autoload = null ) {
	$GLOBALS['wp']['options'][ $name ]  = $value;
	$GLOBALS['wp']['autoload'][ $name ] = $autoload ?? $GLOBALS['wp']['autoload'][ $name ] ?? true;
}
function delete_option( $name ) {
	unset( $GLOBALS['wp']['options'][ $name ] );
}
function set_transient( $name, $value ) {
	$GLOBALS['wp']['notices'] = $value;
}
function wp_parse_args( $given, $default ) {
	return array_merge( $default, $given );
}
function wp_unslash( $value ) {
	return is_string( $value ) ? stripslashes( $value ) : $value;
}
function sanitize_text_field( $text ) {
	return trim( preg_replace( '/[\r\n\t ]+/', ' ', strip_tags( $text ) ) );
}
function sanitize_key( $text ) {
	return preg_replace( '/[^a-z0-9_-]/', '', strtolower( $text ) );
}
function esc_html( $text ) {
	return htmlspecialchars( $text, ENT_QUOTES );
}
function esc_attr( $text ) {
	return htmlspecialchars( $text, ENT_QUOTES );
}
function esc_url( $url ) {
	return preg_match( '#^(https?:/)?/#i', $url ) ? str_replace( array( '&', "'" ), array( '&#038;', '&#039;' ), preg_replace( '/[^a-z0-9-~+_.?#=!&;,\/:%@$|*\'()\[\]]/i', '', $url ) ) : '';
}
function __( $text ) {
	return $text;
}
function esc_html__( $text ) {
	return esc_html( $text );
}
function esc_html_e( $text ) {
	echo esc_html( $text );
}
function wp_kses_post( $text ) {
	return $text;
}
function wpautop( $text ) {
	return "<p>$text</p>";
}
function wp_date( $format, $time ) {
	return gmdate( 'Y-m-d H:i', $time );
}
function wp_json_encode( $value, $flags = 0 ) {
	return json_encode( $value, $flags );
}
function wp_parse_url( $url ) {
	return parse_url( $url );
}
function home_url( $path = '' ) {
	return $GLOBALS['wp']['home'] . $path;
}
function admin_url( $path = '' ) {
	return home_url( '/wp-admin/' . $path );
}
function rest_url( $path = '' ) {
	return home_url( $GLOBALS['wp']['rest'] . $path );
}
function plugins_url( $path ) {
	return home_url( '/wp-content/plugins/parley/' . $path );
}
function plugin_basename() {
	return 'parley/parley.php';
}
function wp_make_link_relative( $url ) {
	return preg_replace( '|^https?://[^/]+(/?.*)|i', '$1', $url );
}
function untrailingslashit( $text ) {
	return rtrim( $text, '/\\' );
}
function add_query_arg( $name, $value, $url ) {
	return "$url&$name=$value";
}
function load_plugin_textdomain() {}
function is_admin() {
	return defined( 'WP_ADMIN' );
}
function is_multisite() {
	return false;
}
function is_ssl() {
	return 0 === strpos( home_url(), 'https' );
}
function wp_doing_cron() {
	return false;
}
function wp_doing_ajax() {
	return false;
}
function wp_hash( $text ) {
	return hash_hmac( 'md5', $text, 'the salt of this site' );
}

// Users

function is_user_logged_in() {
	return (bool) $GLOBALS['wp']['logged_in'];
}
function wp_get_current_user() {
	return get_userdata( $GLOBALS['wp']['logged_in'] );
}
function wp_validate_auth_cookie( $cookie, $scheme ) {
	return $GLOBALS['wp']['logged_in'] ? $GLOBALS['wp']['logged_in'] : false;
}
function get_userdata( $id ) {
	return isset( $GLOBALS['wp']['users'][ $id ] ) ? (object) $GLOBALS['wp']['users'][ $id ] : false;
}
function current_user_can( $what ) {
	return 'manage_options' === $what && $GLOBALS['wp']['capable'];
}

// The admin

function add_options_page( $title, $menu, $capability, $slug, $function ) {
	$GLOBALS['wp']['pages'][ $slug ] = $capability;
}
function wp_add_privacy_policy_content( $name, $text ) {
	$GLOBALS['wp']['policy'] = $text;
}
function wp_nonce_field( $action ) {
	echo '<input type="hidden" name="_wpnonce" value="nonce-of-' . esc_attr( $action ) . '">';
}
function check_admin_referer( $action ) {
	if ( "nonce-of-$action" !== ( $_POST['_wpnonce'] ?? '' ) ) {
		wp_die( 'The link you followed has expired.' );
	}
}
function wp_die( $why ) {
	throw new WpDied( $why );
}
function wp_safe_redirect( $url ) {
	throw new WpRedirected( $url );
}
function add_settings_error( $setting, $code, $text, $type ) {
	$GLOBALS['wp']['notices'][] = compact( 'code', 'text', 'type' );
}
function get_settings_errors() {
	return $GLOBALS['wp']['notices'];
}
function submit_button() {
	echo '<button>Save</button>';
}

// Scripts

function wp_get_inline( $script, $attributes = array() ) {
	foreach ( $attributes as $name => $value ) {
		$attributes[ $name ] = $name . '="' . esc_attr( $value ) . '"';
	}
	return '<script' . rtrim( ' ' . implode( ' ', $attributes ) ) . '>' . $script . '</script>' . "\n";
}
function wp_print_inline_script_tag( $script, $attributes = array() ) {
	echo wp_get_inline( $script, $attributes );
}
function wp_enqueue_script( $handle, $url, $needs, $version, $how ) {
	$GLOBALS['wp_scripts'][ $handle ] = array( null === $version ? $url : "$url?ver=$version", $how, '' );
}
function wp_add_inline_script( $handle, $script, $where ) {
	$GLOBALS['wp_scripts'][ $handle ][2] .= wp_get_inline( $script, array( 'id' => "$handle-js-$where" ) );
}
function wp_head() {
	do_action( 'wp_head' );
	do_action( 'wp_enqueue_scripts' );
}
function wp_footer() {
	foreach ( $GLOBALS['wp_scripts'] as $handle => list( $url, $how, $before ) ) {
		$tag = '<script src="' . esc_url( $url ) . '" id="' . $handle . '-js" ' . $how['strategy'] . ' data-wp-strategy="' . $how['strategy'] . '"></script>' . "\n";
		echo $before . apply_filters( 'script_loader_tag', $tag, $handle, $url );
	}
	do_action( 'wp_footer' );
}

// REST

class WP_Error {
	public function __construct( public $code = '', public $message = '', public $data = array() ) {}
	public function get_error_message() {
		return $this->message;
	}
}
class WP_REST_Request {
	public function __construct( private $headers ) {}
	public function get_header( $name ) {
		return $this->headers[ $name ] ?? null;
	}
}
class WP_REST_Response {
	public $headers = array();
	public function __construct( public $data = null, public $status = 200 ) {}
	public function header( $name, $value ) {
		$this->headers[ $name ] = $value;
	}
}
function is_wp_error( $what ) {
	return $what instanceof WP_Error;
}
function register_rest_route( $namespace, $route, $how ) {
	$GLOBALS['wp']['routes'][ "$namespace$route" ] = $how;
}
function rest_answer( $method, $route, $headers ) {
	do_action( 'rest_api_init' );
	$found = $GLOBALS['wp']['routes'][ $route ] ?? null;
	if ( ! $found || $method !== $found['methods'] ) {
		return new WP_REST_Response( array( 'code' => 'rest_no_route' ), 404 );
	}
	$request = new WP_REST_Request( $headers );
	$may     = $found['permission_callback']( $request );
	if ( is_wp_error( $may ) ) {
		return new WP_REST_Response( array( 'code' => $may->code ), $may->data['status'] );
	}
	return true === $may ? $found['callback']( $request ) : new WP_REST_Response( null, 401 );
}

// HTTP

function wp_remote_post( $url, $arguments = array() ) {
	return wp_remote_request( $url, array( 'method' => 'POST' ) + $arguments );
}
function wp_remote_request( $url, $arguments ) {
	$GLOBALS['wp']['posted'][] = array( 'url' => $url ) + $arguments;
	if ( $GLOBALS['wp']['answers'] ) {
		$answer = array_shift( $GLOBALS['wp']['answers'] );
		return is_string( $answer ) ? new WP_Error( 'http_request_failed', $answer ) : $answer;
	}
	$headers = array();
	foreach ( $arguments['headers'] as $name => $value ) {
		$headers[] = "$name: $value";
	}
	$options = array(
		'method'          => $arguments['method'],
		'header'          => $headers,
		'content'         => $arguments['body'],
		'ignore_errors'   => true,
		'follow_location' => 0,
	);
	$body    = file_get_contents( $url, false, stream_context_create( array( 'http' => $options ) ) );
	return array(
		'status'  => (int) explode( ' ', $http_response_header[0] )[1],
		'headers' => array(),
		'body'    => $body,
	);
}
function wp_remote_retrieve_response_code( $answer ) {
	return is_wp_error( $answer ) ? '' : $answer['status'];
}
function wp_remote_retrieve_header( $answer, $name ) {
	return is_wp_error( $answer ) ? '' : $answer['headers'][ $name ] ?? '';
}
function wp_remote_retrieve_body( $answer ) {
	return is_wp_error( $answer ) ? '' : $answer['body'] ?? '';
}

// Queues

function wp_schedule_single_event( $time, $hook, $arguments = array() ) {
	$GLOBALS['wp']['cron'][] = array( $time - time(), $hook, $arguments );
}
function wp_unschedule_hook( $hook ) {
	$GLOBALS['wp']['cron'] = array_values( array_filter( $GLOBALS['wp']['cron'], fn ( $one ) => $one[1] !== $hook ) );
}

// WooCommerce

class WC_Order {
	public function __construct( private array $row ) {}
	public function get_id() {
		return (int) $this->row['reference'];
	}
	public function get_type() {
		return $this->row['type'] ?? 'shop_order';
	}
	public function get_order_number() {
		return $this->row['number'] ?? $this->row['reference'];
	}
	public function get_customer_id() {
		return (int) $this->row['customer'];
	}
	public function get_total() {
		return $this->row['total'];
	}
	public function get_currency() {
		return $this->row['currency'];
	}
	public function get_status() {
		return $this->row['status'];
	}
	public function get_edit_order_url() {
		return admin_url( 'admin.php?page=wc-orders&action=edit&id=' . $this->get_id() );
	}
	public function get_date_created() {
		return $this->time( 'created' );
	}
	public function get_date_modified() {
		return $this->time( 'modified' );
	}
	private function time( $name ) {
		return isset( $this->row[ $name ] ) ? new DateTime( '@' . $this->row[ $name ] ) : null;
	}
}

function wp_with_woocommerce() {
	class_alias( 'WP_Compatible', 'Automattic\WooCommerce\Utilities\FeaturesUtil' );
	require __DIR__ . '/woocommerce.php';
}
class WP_Compatible {
	public static function declare_compatibility( $feature, $file, $is ) {
		$GLOBALS['wp']['compatible'][ $feature ] = $is;
	}
}
