/* Tells the chat who is logged in. The page may come from a cache; the answer to this never does. */
( function ( config ) {
	'use strict';
	if ( ! config || ! window.fetch ) return;
	var KEY = 'parley:wp:' + config.app; // whom this browser's chat was proven to be
	var isOpen = false;
	var asking = false;
	var proven = '';

	function say( a, b, c ) {
		window.SoftbetChat( a, b, c );
	}

	function stored( key, value ) {
		try {
			if ( value === '' ) localStorage.removeItem( key );
			else if ( value ) localStorage.setItem( key, value );
			return localStorage.getItem( key ) || '';
		} catch ( e ) {
			return ''; // forbidden: remembers nobody
		}
	}

	// For whoever is logged in. Forging it only makes this ask.
	function word() {
		var found = /(?:^|; )parley_user=(\w+)/.exec( document.cookie );
		return found ? found[ 1 ] : '';
	}

	function leave() {
		proven = '';
		stored( KEY, '' );
		say( 'logout' );
	}

	function prove() {
		var who = word();
		if ( asking || ! who || who === proven ) return;
		asking = true;
		fetch( config.identity, { method: 'POST', credentials: 'same-origin', cache: 'no-store' } )
			.then( function ( answer ) {
				return answer.status === 200 ? answer.json() : null;
			} )
			.then( function ( identity ) {
				asking = false;
				if ( ! identity || who !== word() ) return;
				proven = who;
				stored( KEY, who );
				say( 'identify', identity );
			} )
			.catch( function () {
				asking = false;
			} );
	}

	function look() {
		if ( document.hidden ) return;
		var before = proven || stored( KEY );
		if ( before && before !== word() ) leave();
		// The widget's own note: there is a conversation.
		if ( isOpen || stored( 'parley:' + config.app )[ 0 ] === '2' ) prove();
	}

	say( 'on', 'open', function () {
		isOpen = true;
		look();
	} );
	say( 'on', 'close', function () {
		isOpen = false;
	} );
	document.addEventListener( 'visibilitychange', look );
	window.addEventListener( 'pageshow', look );
	look();
} )( window.parleyChat );
