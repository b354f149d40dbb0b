<?php
// A WordPress site with the plugin, for browsers: PARLEY_SITE='{"options": …, "users": …}' php -S 127.0.0.1:PORT site.php
// Every page comes from a cache that has only ever seen one visitor, as page caches work: nobody's page is anybody's.
require __DIR__ . '/stubs.php';
$wp         = array_merge( $wp, json_decode( getenv( 'PARLEY_SITE' ), true ) );
$wp['home'] = 'http://' . $_SERVER['HTTP_HOST'];
$plugin     = dirname( __DIR__, 4 ) . '/connectors/woocommerce/wordpress/parley';
$path       = parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH );
if ( '/wp-content/plugins/parley/assets/parley.js' === $path ) {
	header( 'Content-Type: text/javascript' );
	readfile( "$plugin/assets/parley.js" );
	return true;
}
$wp['logged_in'] = (int) ( $_COOKIE['wordpress_logged_in'] ?? 0 );
wp_with_woocommerce();
require "$plugin/parley.php";

if ( '/login' === $path ) {
	$user = (int) $_GET['user'];
	setcookie( 'wordpress_logged_in', (string) $user, array( 'path' => '/', 'httponly' => true ) );
	do_action( 'set_logged_in_cookie', 'a cookie', 0, time() + 172800, $user, 'logged_in', 'a token' );
} elseif ( '/logout' === $path ) {
	setcookie( 'wordpress_logged_in', '', 1, '/' );
	do_action( 'clear_auth_cookie' );
} elseif ( '/wp-json/parley/v1/identity' === $path ) {
	do_action( 'init' );
	$names  = array( 'sec_fetch_site' => 'HTTP_SEC_FETCH_SITE', 'origin' => 'HTTP_ORIGIN' );
	$answer = rest_answer( $_SERVER['REQUEST_METHOD'], 'parley/v1/identity', array_map( fn ( $name ) => $_SERVER[ $name ] ?? null, $names ) );
	http_response_code( $answer->status );
	header( 'Content-Type: application/json' );
	foreach ( $answer->headers as $name => $value ) {
		header( "$name: $value" );
	}
	echo 204 === $answer->status ? '' : json_encode( $answer->data );
	return true;
}
$wp['logged_in'] = 0;
echo '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title>';
wp_head();
echo "</head><body><h1>Kestrel & Clay</h1><p>$path</p>";
wp_footer();
echo '</body></html>';
